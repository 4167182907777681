import { driverOf, type Storage, type StorageDriver } from "@node-storages/core"
import type { StaticConfig } from "@node-storages/static"
import type { Session } from "../../session.ts"
import { CheckFiles } from "./check-files.ts"
import type { LiveReport, StorageReport } from "./report.ts"
import { type RunOptions, runSteps } from "./run-steps.ts"
import type { CheckContext, StepResult } from "./step.ts"
import { STORAGE_STEPS } from "./steps/index.ts"
import { STATIC_STEPS, type StaticContext } from "./steps/static.ts"

export interface CheckSettings {
  readonly origin: string | undefined
  readonly readOnly: boolean
  readonly large: boolean
  /** Of one step, in seconds. */
  readonly timeout: number
}

/** Takes a storage through all steps, and removes what they have written whatever happens. */
export async function checkStorage(
  session: Session,
  live: LiveReport,
  title: string,
  settings: CheckSettings,
): Promise<StorageReport> {
  const started = performance.now()
  let storage: Storage
  try {
    storage = await session.storage(title)
  } catch (error) {
    return await notConfigured(session, live, title, error, performance.now() - started)
  }
  const driver = driverOf(storage)
  const target = driver?.target
  const shown = title.includes("://") ? (target ?? "the storage") : title
  const files = new CheckFiles(storage, target)
  await live.storage(shown, target)
  const configured = configurationOf(storage, driver, performance.now() - started)
  await live.end(configured, undefined)
  const { origin, readOnly, large, timeout } = settings
  const context: CheckContext = { storage, driver, origin, readOnly, large, files, unreachable: false }
  let leftBehind: readonly string[] = []
  let steps: readonly StepResult[] = []
  try {
    steps = await runSteps(STORAGE_STEPS, context, optionsFor(session, live, shown, timeout))
  } finally {
    leftBehind = await files.removeRest()
  }
  return await finished(live, { storage: shown, target, steps: [configured, ...steps], leftBehind })
}

/** The static files of the configuration. */
export async function checkStatic(
  session: Session,
  live: LiveReport,
  config: StaticConfig,
  { origin, timeout }: CheckSettings,
): Promise<StorageReport> {
  const title = "static files"
  const driver = driverOf(config.storage)
  await live.storage(title, driver?.target)
  const context: StaticContext = { config, driver, origin, manifest: undefined }
  const steps = await runSteps(STATIC_STEPS, context, optionsFor(session, live, title, timeout))
  return await finished(live, { storage: title, target: driver?.target, steps, leftBehind: [] })
}

function optionsFor(session: Session, live: LiveReport, title: string, timeout: number): RunOptions {
  return {
    signal: session.signal,
    timeout,
    begin: ({ doing }) => live.begin(title, doing),
    end: (result, error) => live.end(result, error),
  }
}

async function finished(live: LiveReport, report: Omit<StorageReport, "ok">): Promise<StorageReport> {
  const ok = report.steps.every(({ status }) => status !== "failed") && report.leftBehind.length === 0
  const whole = { ...report, ok }
  await live.finish(whole)
  return whole
}

function configurationOf(storage: Storage, driver: StorageDriver | undefined, milliseconds: number): StepResult {
  const urls = driver === undefined ? "a storage of the app's own" : `URLs are ${urlsOf(storage, driver)}`
  return { step: "configuration", status: "ok", text: urls, seconds: milliseconds / 1000 }
}

function urlsOf(storage: Storage, { signedUrl, publicUrl }: StorageDriver): string {
  try {
    storage.publicUrl("x")
    return "public"
  } catch {
    if (signedUrl !== undefined) return "signed"
    return publicUrl === undefined ? "not made: it has no baseUrl" : "public"
  }
}

async function notConfigured(
  session: Session,
  live: LiveReport,
  title: string,
  error: unknown,
  milliseconds: number,
): Promise<StorageReport> {
  if (session.signal.aborted) throw error
  const { code, message } = error as { code?: unknown; message?: unknown }
  const shown = title.includes("://") ? "the storage" : title
  await live.storage(shown, undefined)
  const step: StepResult = {
    step: "configuration",
    status: "failed",
    text: String(message).trimEnd(),
    seconds: milliseconds / 1000,
    code: typeof code === "string" ? code : "unknown",
  }
  await live.end(step, error)
  return await finished(live, { storage: shown, target: undefined, steps: [step], leftBehind: [] })
}
