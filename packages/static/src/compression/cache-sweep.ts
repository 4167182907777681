import { lstat, opendir, readdir, rm } from "node:fs/promises"
import { join } from "node:path"
import { type Duration, seconds } from "@node-storages/core"
import { checked } from "../option-checks.ts"

/** Longer than most projects lie still. */
const DEFAULT_AGE: Duration = "30d"

/** What a sweep looks at by default: a large cache costs each run seconds at the most, and several runs see all of it. */
const DEFAULT_LIMIT = 20_000

/** A temporary file that is older was left behind by a process that ended, in milliseconds. */
const ABANDONED_AFTER = 60 * 60 * 1000

/** Only what the cache itself has named is ever removed: the folder is an option, and options are mistyped. */
const SHARD_NAME = /^[0-9a-f]{2}$/
const ENTRY_NAME = /^[0-9a-f]{62}$/
const TEMPORARY_NAME = /^\.temporary-[0-9A-Za-z]{16}$/

export interface SweepOptions {
  /** What was not used for this long is removed; a day's difference is not noticed. Default: `"30d"` */
  readonly olderThan?: Duration | undefined
  /** The most files that one sweep looks at; each begins somewhere else. Default: 20,000 */
  readonly limit?: number | undefined
}

export interface SweepReport {
  /** Files looked at. */
  readonly seen: number
  /** Files removed. */
  readonly removed: number
  /** Bytes of the files removed. */
  readonly bytes: number
}

/** The name of a file that is being written, from 16 random letters and digits. */
export function temporaryName(random: string): string {
  return `.temporary-${random}`
}

/**
 * Removes old entries and abandoned temporary files from a cache's folder. A failure is told, and ends it.
 * @throws StaticError `invalid-option`
 */
export async function sweepFolder(
  folder: string,
  { olderThan = DEFAULT_AGE, limit = DEFAULT_LIMIT }: SweepOptions = {},
  onFailure: (error: unknown) => void = () => {},
): Promise<SweepReport> {
  const now = Date.now()
  const oldestEntry = now - checked(() => seconds(olderThan, "olderThan")) * 1000
  const report = { seen: 0, removed: 0, bytes: 0 }
  try {
    for (const path of await shardsOf(folder)) {
      for await (const { name } of await opendir(path)) {
        if (report.seen >= limit) return report
        const oldest = ENTRY_NAME.test(name)
          ? oldestEntry
          : TEMPORARY_NAME.test(name)
            ? now - ABANDONED_AFTER
            : undefined
        if (oldest === undefined) continue
        report.seen++
        await removeIfOlder(join(path, name), oldest, report)
      }
    }
  } catch (error) {
    onFailure(error)
  }
  return report
}

async function removeIfOlder(path: string, oldest: number, report: { removed: number; bytes: number }): Promise<void> {
  // Another process may be sweeping, too.
  const found = await lstat(path).catch(ignoreMissing)
  if (!found?.isFile() || found.mtimeMs >= oldest) return
  await rm(path, { force: true })
  report.removed++
  report.bytes += found.size
}

/** The folders of entries, from a random one on: a limited sweep would otherwise see the same ones each time. */
async function shardsOf(folder: string): Promise<string[]> {
  const all = (await readdir(folder, { withFileTypes: true }).catch(ignoreMissing)) ?? []
  const shards = all.filter((entry) => entry.isDirectory() && SHARD_NAME.test(entry.name))
  const start = Math.floor(Math.random() * shards.length)
  return [...shards.slice(start), ...shards.slice(0, start)].map(({ name }) => join(folder, name))
}

function ignoreMissing(error: unknown): undefined {
  if (error instanceof Error && "code" in error && error.code === "ENOENT") return
  throw error
}
