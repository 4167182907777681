import { StorageError } from "@node-storages/core"
import type { CollectOptions, CollectReport, StaticConfig, StaticError } from "@node-storages/static"
import type { Command } from "commander"
import { CommandError } from "../command-error.ts"
import { EXIT } from "../exit-codes.ts"
import { Progress } from "../output/progress.ts"
import { bytes, count } from "../output/text.ts"
import type { Session } from "../session.ts"
import { lastLine, tellFindings } from "./collectstatic/report.ts"
import { type Bind, concurrencyOption, define, dryRunOption, yesOption } from "./define.ts"
import { describeStorage, publicBaseOf, requireStaticConfig } from "./static-config.ts"

interface CollectstaticOptions {
  readonly dryRun?: boolean
  readonly clear?: boolean
  readonly strict: boolean
  readonly ignoreOldManifest?: boolean
  readonly concurrency?: number
  readonly yes?: boolean
}

export function collectstaticCommand(bind: Bind): Command {
  return define("collectstatic", "collect the static files and publish them, the manifest last", [
    "collectstatic",
    "collectstatic --dry-run --verbose",
    "collectstatic --clear --yes",
  ])
    .addOption(dryRunOption())
    .option("--clear", "delete everything in the storage first, after asking")
    .addOption(yesOption())
    .option("--no-strict", "leave references that lead nowhere as they are, and only tell them")
    .option("--ignore-old-manifest", "go on where the manifest of the release before can't be read")
    .addOption(concurrencyOption("as configured, which is 32 unless set"))
    .action(bind<CollectstaticOptions>(collectstatic))
}

async function collectstatic(session: Session, options: CollectstaticOptions): Promise<void> {
  const configured = await requireStaticConfig(session)
  const config = { ...configured, concurrency: options.concurrency ?? configured.concurrency }
  const base = publicBaseOf(config.storage)
  if (options.clear) await clearFirst(session, config, options)
  const report = await collected(session, config, options)
  if (!session.output.json) tellFindings(session.output, report)
  if (base === undefined && !session.output.json) {
    session.output.note(
      "hint: the storage of staticConfig has no public address, so no template can tell a URL. " +
        'Give it one: baseUrl: "https://static.example.com/"',
    )
  }
  await session.output.result(lastLine(report, base ?? describeStorage(config.storage)), report)
}

/** With a bar, and with what is untouched where it fails. */
async function collected(
  session: Session,
  config: StaticConfig,
  { dryRun = false, strict, ignoreOldManifest = false, clear = false }: CollectstaticOptions,
): Promise<CollectReport> {
  const { output, signal } = session
  const { collect } = await import("@node-storages/static")
  const progress = new Progress(output, "Collecting")
  output.status("Collecting: looking for files and their references")
  let done = 0
  const onProgress: CollectOptions["onProgress"] = (file) => {
    done = file.done
    if (file.action === "written") output.detail(`${dryRun ? "would write" : "written"} ${file.name}`)
    progress.step({ done: file.collected, total: file.total, current: file.name })
  }
  try {
    return await collect(config, { dryRun, strict, ignoreOldManifest: ignoreOldManifest || clear, signal, onProgress })
  } catch (error) {
    progress.end()
    throw explained(session, error, { done, dryRun, clear })
  } finally {
    progress.end()
  }
}

/** How far a collect was when it failed. */
interface Reached {
  readonly done: number
  readonly dryRun: boolean
  readonly clear: boolean
}

/** The error in the words of the command line. */
function explained(session: Session, error: unknown, { done, dryRun, clear }: Reached): unknown {
  const rest = dryRun
    ? "This was a dry run."
    : clear
      ? "There is no release until a collect has ended."
      : "The release before is as it was: the manifest is replaced last."
  if (session.signal.aborted || StorageError.is(error, "aborted")) {
    const message = `Stopped after ${count(done, "file")}. ${rest} Run it again: it goes on with what is missing.`
    return new CommandError("aborted", message, EXIT.interrupted, error)
  }
  if (!(error instanceof Error)) return error
  const { code, problems } = error as Partial<StaticError>
  if (code === "unresolved-references" && problems !== undefined) {
    const leads = problems.length === 1 ? "reference leads" : "references lead"
    const message =
      `${problems.length} ${leads} nowhere, and nothing was published. ${rest} ` +
      "Mend them, or add the missing files. To publish a file as it is, name it by a pattern of verbatim in " +
      "defineStatic(); --no-strict leaves these references as they are:"
    const lines = problems.map((problem) => {
      return `${problem.file}:${problem.line}:${problem.column} ${problem.reference}: ${problem.reason}`
    })
    return new CommandError(code, message, EXIT.failed, error, lines)
  }
  if (!session.output.json) {
    session.output.note(rest)
    if (code === "invalid-manifest") session.output.note("--ignore-old-manifest goes on as if there were none.")
  }
  return error
}

/** Everything must be fit to be published before what is there is deleted: this is tried first. */
async function clearFirst(session: Session, config: StaticConfig, options: CollectstaticOptions): Promise<void> {
  const { dryRun = false, yes } = options
  const { output, signal } = session
  const { clear } = await import("@node-storages/static")
  if (!dryRun) await collected(session, config, { ...options, dryRun: true })
  const report = await clear(config.storage, {
    yes,
    dryRun,
    signal,
    confirm: async (found) => {
      if (found.files === 0) return true
      const what = `${count(found.files, "file")} (${bytes(found.bytes)}) in ${describeStorage(config.storage)}`
      await session.confirm(`Delete ${what} before collecting?`)
      return true
    },
  })
  if (output.json) return
  const deleted = `${count(report.files, "file")} (${bytes(report.bytes)})`
  output.note(dryRun ? `${deleted} would be deleted first.` : `${deleted} deleted.`)
}
