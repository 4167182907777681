import { abortError, StorageError } from "@node-storages/core"
import { hintFor } from "./hints.ts"
import { CheckProblem, type CheckContext, type CheckStep, type StepResult } from "./step.ts"

export interface RunOptions {
  /** Ctrl-C. */
  readonly signal: AbortSignal
  /** The most time of one step, in seconds. */
  readonly timeout: number
  /** Called before a step. */
  readonly begin: (step: { readonly name: string; readonly doing: string }) => void
  /** Called after a step, with what it has thrown. */
  readonly end: (result: StepResult, error: unknown) => Promise<void>
}

/** Runs the steps one after the other. A step that fails skips only those that need it. */
export async function runSteps<Context extends Partial<CheckContext>>(
  steps: readonly CheckStep<Context>[],
  context: Context,
  options: RunOptions,
): Promise<readonly StepResult[]> {
  const results: StepResult[] = []
  for (const step of steps) {
    if (options.signal.aborted) break
    options.begin(step)
    const missing = step.needs.find((name) => !passed(results, name))
    const started = performance.now()
    const [outcome, error] =
      missing === undefined
        ? await attempt(step, context, options)
        : [{ status: "skipped" as const, text: `needs the step "${missing}"` }, undefined]
    const result = { step: step.name, ...outcome, seconds: (performance.now() - started) / 1000 }
    results.push(result)
    await options.end(result, error)
  }
  return results
}

function passed(results: readonly StepResult[], name: string): boolean {
  return results.some(({ step, status }) => step === name && (status === "ok" || status === "warning"))
}

type Told = Omit<StepResult, "step" | "seconds">

async function attempt<Context extends Partial<CheckContext>>(
  step: CheckStep<Context>,
  context: Context,
  { signal, timeout }: RunOptions,
): Promise<[told: Told, error: unknown]> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(timeout * 1000)])
  try {
    return [await orAborted(step.run(context, limit), limit), undefined]
  } catch (error) {
    return [failureOf(error, limit, context, timeout), error]
  }
}

/** Where somebody does not listen to the signal, nobody waits for them. */
async function orAborted<Result>(running: Promise<Result>, signal: AbortSignal): Promise<Result> {
  running.catch(() => undefined)
  return await Promise.race([
    running,
    new Promise<never>((_, reject) => {
      const give = (): void => reject(abortError(signal, "the step"))
      if (signal.aborted) give()
      // An operation that listens tells more of what was cut off: it gets a moment for it.
      else signal.addEventListener("abort", () => void setTimeout(give, 250), { once: true })
    }),
  ])
}

function failureOf(error: unknown, limit: AbortSignal, context: Partial<CheckContext>, timeout: number): Told {
  if (limit.aborted && (limit.reason as Error | undefined)?.name === "TimeoutError") {
    const text = `no answer within ${timeout} s`
    return { status: "failed", code: "timeout", text, hint: "Check the address and the network, or raise --timeout." }
  }
  if (StorageError.is(error, "read-only")) return { status: "skipped", text: "the storage is read-only" }
  if (error instanceof CheckProblem) {
    return { status: "failed", code: error.code, text: error.message, hint: error.hint }
  }
  const message = error instanceof Error ? error.message : String(error)
  const isOurs = StorageError.is(error) || (error instanceof Error && error.name === "StaticError")
  const code = isOurs ? (error as { code: string }).code : "unknown"
  return { status: "failed", code, text: message, hint: hintFor(context.driver, code, error) }
}
