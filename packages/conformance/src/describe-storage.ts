import { checkOptions, nearest, StorageError } from "@node-storages/core"
import { CONFORMANCE_OPTIONS, type ConformanceOptions, DEFAULT_TIMEOUT, type Gap, type TestRunner } from "./options.ts"
import { runTest } from "./run-test.ts"
import { SUITES } from "./suites.ts"
import type { Suite, TestCase } from "./suite.ts"

/**
 * Registers the suite that every adapter passes: a test for each behaviour, in a `describe` for each operation.
 * What the driver declares must work; what it does not declare must be refused with `unsupported`.
 * @param name the adapter's, and the server's where there are several: `"S3Storage on MinIO"`
 */
export function describeStorage(name: string, options: ConformanceOptions): void {
  checkOptions("describeStorage()", options, CONFORMANCE_OPTIONS)
  const suites = chosenSuites(options)
  const runner = options.runner ?? globalRunner()
  const gaps = options.gaps ?? []
  runner.describe(name, () => {
    for (const suite of suites) {
      runner.describe(suite.title, () => {
        for (const test of suite.tests) register(runner, suite, test, options, gaps)
      })
    }
    if (gaps.length > 0) {
      runner.describe("gaps", () => {
        runner.it("each names a test of the suite", async () => {
          const paths = SUITES.flatMap((suite) => suite.tests.map((test) => [suite, test] as const))
          const unknown = gaps.filter((gap) => !paths.some(([suite, test]) => matches(gap, suite, test)))
          if (unknown.length === 0) return
          throw new Error(`These gaps name no test: ${unknown.map(({ test }) => String(test)).join(", ")}.`)
        })
      })
    }
  })
}

function chosenSuites({ suites: titles }: ConformanceOptions): readonly Suite[] {
  if (titles === undefined) return SUITES
  if (titles.length === 0) throw invalidSuites("is empty. Leave it out to run all of them")
  const known = SUITES.map(({ title }) => title)
  for (const title of titles) {
    if (known.includes(title)) continue
    const like = nearest(title, known)
    const wayOut = like === undefined ? `There are: ${known.join(", ")}` : `Did you mean ${JSON.stringify(like)}?`
    throw invalidSuites(`has ${JSON.stringify(title)}, and no suite is called so. ${wayOut}`)
  }
  return SUITES.filter(({ title }) => titles.includes(title))
}

function invalidSuites(problem: string): StorageError {
  const end = problem.endsWith("?") ? "" : "."
  return new StorageError("invalid-option", `describeStorage(): suites ${problem}${end}`)
}

function register(
  runner: TestRunner,
  suite: Suite,
  test: TestCase,
  options: ConformanceOptions,
  gaps: readonly Gap[],
): void {
  for (const need of test.needs) {
    const reason = need.fromOptions?.(options)
    if (reason !== undefined) return skip(runner, `${test.title} [not run: ${reason}]`)
  }
  const gap = gaps.find((candidate) => matches(candidate, suite, test))
  if (gap?.skip) return skip(runner, `${test.title} [gap, not run: ${gap.reason}]`)
  const title = gap ? `${test.title} [gap: ${gap.reason}]` : test.title
  const timeout = options.timeout ?? DEFAULT_TIMEOUT
  // A rest parameter: runners count a function's parameters and take one for a callback.
  const body = async (...contexts: readonly unknown[]) => {
    const reason = gap ? await runGap(test, options, gap) : await runTest(test, options)
    if (reason !== undefined) skipAtRunTime(contexts[0], reason)
  }
  runner.it(title, body, timeout)
}

async function runGap(test: TestCase, options: ConformanceOptions, gap: Gap): Promise<string | undefined> {
  let reason
  try {
    reason = await runTest(test, options)
  } catch {
    return undefined
  }
  if (reason !== undefined) return reason
  throw new Error(`This gap is closed: remove ${String(gap.test)} ("${gap.reason}") from the gaps.`)
}

function skip(runner: TestRunner, title: string): void {
  const body = async () => {}
  if (runner.it.skip) runner.it.skip(title, body)
  else runner.it(title, body)
}

/** vitest and node:test hand a context to each test, with which it can say that it was not run. */
function skipAtRunTime(context: unknown, reason: string): void {
  const skips = context as { skip?: (reason: string) => void } | undefined
  if (typeof skips?.skip === "function") skips.skip(reason)
}

function matches(gap: Gap, suite: Suite, test: TestCase): boolean {
  const path = `${suite.title} > ${test.title}`
  return typeof gap.test === "string"
    ? gap.test === path || gap.test === test.title
    : new RegExp(gap.test.source, gap.test.flags.replace(/[gy]/g, "")).test(path)
}

function globalRunner(): TestRunner {
  const { describe, it } = globalThis as Partial<TestRunner>
  if (describe && it) return { describe, it }
  throw new Error(
    'describeStorage() found no global "describe" and "it". Give it the test runner: ' +
      '`import * as runner from "vitest"` (or "node:test") and `describeStorage(name, { runner, … })`.',
  )
}
