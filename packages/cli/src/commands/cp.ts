import type { Command } from "commander"
import type { FileHeaders } from "@node-storages/core"
import { usageError } from "../command-error.ts"
import type { Place } from "../locations/place.ts"
import type { Session } from "../session.ts"
import { copyFile } from "./copying/copy-file.ts"
import { type CopyOptions, withCopyOptions } from "./copying/copy-options.ts"
import { type HeaderOptions, headersOf, withHeaderOptions } from "./copying/header-options.ts"
import { jobsOf, plan } from "./copying/jobs.ts"
import { sourcesAndTarget } from "./copying/operands.ts"
import { JobRun } from "./copying/run-jobs.ts"
import { STANDARD, storeInput, writeOut } from "./copying/standard-streams.ts"
import { type Bind, define } from "./define.ts"

type CpOptions = CopyOptions & HeaderOptions

const WORDS = {
  doing: "Copying",
  done: "Copied",
  verb: "copy",
  again: 'The same command again begins anew; "storages sync" goes on with what is missing.',
}

export function cpCommand(bind: Bind): Command {
  const command = define("cp", "copy files between storages and this machine", [
    "cp me.png media:avatars/",
    "cp media:avatars/me.png media:report.pdf ./downloads/",
    "cp -r media:avatars backup:old/avatars",
    "cp --content-type text/html --cache-control no-cache page media:index.html",
    "cp - backup:shop.sql < shop.sql",
  ])
  return withHeaderOptions(withCopyOptions(command)).action(bind<CpOptions>(copy))
}

async function copy(session: Session, options: CpOptions, given: string[]): Promise<void> {
  const headers = headersOf(options)
  const { texts, target } = sourcesAndTarget(given, "cp")
  if (target === STANDARD) return await copyOut(session, options, headers, texts)
  const to = await session.place(target, "local", "file")
  if (to.local && Object.keys(headers).length > 0) {
    throw usageError(`${to.title} is on this machine, where files have no headers and no metadata.`)
  }
  if (texts.includes(STANDARD)) return await copyIn(session, options, headers, texts, to)
  const from: Place[] = []
  for (const text of texts) from.push(await session.place(text, "local", "file"))
  const { recursive = false, dryRun = false, clobber, concurrency } = options
  const planned = await plan(session, from, to, { recursive, done: "copied" })
  const settings = { signal: session.signal, ifAbsent: !clobber, headers }
  const run = new JobRun(session, {
    words: WORDS,
    concurrency,
    dryRun,
    ifAbsent: !clobber,
    total: planned.total,
    work: async (job, onBytes) => void (await copyFile(job, settings, ({ loaded }) => onBytes(loaded))),
  })
  await run.all(jobsOf(planned, session.signal))
}

async function copyIn(
  session: Session,
  { recursive = false, dryRun = false, clobber }: CpOptions,
  headers: FileHeaders,
  texts: readonly string[],
  to: Place,
): Promise<void> {
  if (texts.length > 1 || recursive || dryRun) {
    throw usageError("- is standard input, which is one source alone: without -r, --dry-run and other files.")
  }
  await storeInput(session, to, { headers, ifAbsent: !clobber })
}

async function copyOut(
  session: Session,
  { recursive = false, dryRun = false, clobber }: CpOptions,
  headers: FileHeaders,
  texts: readonly string[],
): Promise<void> {
  if (recursive || dryRun || !clobber || session.output.json || Object.keys(headers).length > 0) {
    throw usageError(
      "- is standard output: it takes bytes alone, and no -r, --dry-run, --no-clobber, --json and headers.",
    )
  }
  if (texts.includes(STANDARD)) throw usageError("- can be the source or the target, not both.")
  for (const text of texts) {
    const { storage, name } = await session.place(text, "local", "file")
    await writeOut(session, storage, name)
  }
}
