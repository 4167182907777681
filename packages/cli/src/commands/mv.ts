import type { Command } from "commander"
import { usageError } from "../command-error.ts"
import { isLocalPlace, removeEmptyFolders } from "../locations/local-place.ts"
import type { Place } from "../locations/place.ts"
import type { Session } from "../session.ts"
import { type CopyOptions, withCopyOptions } from "./copying/copy-options.ts"
import { jobsOf, plan } from "./copying/jobs.ts"
import { moveFile } from "./copying/move-file.ts"
import { sourcesAndTarget } from "./copying/operands.ts"
import { JobRun } from "./copying/run-jobs.ts"
import { STANDARD } from "./copying/standard-streams.ts"
import { type Bind, define } from "./define.ts"

const WORDS = {
  doing: "Moving",
  done: "Moved",
  verb: "move",
  again: "What is not moved is where it was; the same command again goes on.",
}

export function mvCommand(bind: Bind): Command {
  const command = define("mv", "move or rename files: a source is deleted when its copy is complete and compared", [
    "mv media:avatars/me.png media:avatars/old.png",
    "mv media:2023/report.pdf backup:reports/",
    "mv -r --no-clobber media:2023 backup:",
  ])
  return withCopyOptions(command).action(bind<CopyOptions>(move))
}

async function move(
  session: Session,
  { recursive = false, dryRun = false, clobber, concurrency }: CopyOptions,
  given: string[],
): Promise<void> {
  const { texts, target } = sourcesAndTarget(given, "mv")
  if (given.includes(STANDARD)) throw usageError("- is no place to move from or to: storages cp reads and writes it.")
  const from: Place[] = []
  for (const text of texts) from.push(await session.place(text, "local", "link"))
  const to = await session.place(target, "local", "file")
  const planned = await plan(session, from, to, { recursive, done: "moved" })
  const settings = { signal: session.signal, ifAbsent: !clobber, headers: {} }
  const run = new JobRun(session, {
    words: WORDS,
    concurrency,
    dryRun,
    ifAbsent: !clobber,
    total: planned.total,
    work: (job, onBytes) => moveFile(job, settings, ({ loaded }) => onBytes(loaded)),
  })
  await run.all(jobsOf(planned, session.signal))
  if (dryRun) return
  for (const place of from) if (isLocalPlace(place) && place.directory) await removeEmptyFolders(place.folder)
}
