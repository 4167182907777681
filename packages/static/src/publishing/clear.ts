import { checkOptions, driverOf, type OptionNames, type Storage } from "@node-storages/core"
import { StaticError } from "../static-error.ts"
import { describeTarget, listTarget } from "./target.ts"

/** How many files there are to be deleted. */
export interface ClearCount {
  readonly files: number
  /** All together, as they are stored. */
  readonly bytes: number
}

/** What `clear` may do, and who is asked before. */
export interface ClearOptions {
  /** Allows to empty a whole bucket: a storage without a location. Default: false. */
  readonly yes?: boolean | undefined
  /** Deletes nothing; the report tells the count. Default: false. */
  readonly dryRun?: boolean | undefined
  /** Asked with the count before anything is deleted; where it answers false, nothing is. Default: not asked. */
  readonly confirm?: ((count: ClearCount) => boolean | Promise<boolean>) | undefined
  readonly signal?: AbortSignal | undefined
}

const OPTIONS: OptionNames<ClearOptions> = { yes: true, dryRun: true, confirm: true, signal: true }

/** What was deleted, or with `dryRun` would have been. Can be sent as JSON. */
export interface ClearReport extends ClearCount {
  /** False with `dryRun`, and where `confirm` said no. */
  readonly cleared: boolean
  readonly dryRun: boolean
}

/**
 * Deletes every file of a storage, those of other tools too, but none outside of its location. Files that are
 * added while it runs stay.
 * @throws StaticError `invalid-option` for a storage without a location, before any request, unless `yes` is set (a dry run
 * is allowed); StorageErrors as they are, above all `partial-failure`
 */
export async function clear(target: Storage, options: ClearOptions = {}): Promise<ClearReport> {
  checkOptions("clear()", options, OPTIONS)
  const { yes = false, dryRun = false, confirm, signal } = options
  if (!yes && !dryRun && isWholeBucket(target)) throw refused(target)
  const listed = await listTarget(target, signal)
  const bytes = [...listed.values()].reduce((sum, { size }) => sum + size, 0)
  const count: ClearCount = { files: listed.size, bytes }
  const report = { ...count, dryRun }
  if (dryRun || (confirm && !(await confirm(count)))) return { ...report, cleared: false }
  await target.deleteMany(listed.keys(), { signal })
  return { ...report, cleared: true }
}

/** Any key: only what a location adds to it is of interest. */
const PROBE = "x"

/**
 * Whether a storage is all of a bucket, or may be: its driver tells where a file would be, and nothing is before its
 * name. A folder on disk, or the memory of this process, is a place that was chosen for these files, and is never
 * refused. What does not tell its place counts as a bucket.
 */
function isWholeBucket(target: Storage): boolean {
  const driver = driverOf(target)
  if (driver === undefined) return true
  if (/^(?:file|memory):/.test(driver.target)) return false
  const place = driver.place?.(PROBE)
  return place === undefined || place.key === PROBE
}

function refused(target: Storage): StaticError {
  return new StaticError(
    "invalid-option",
    `${describeTarget(target)} has no location: clearing it would delete everything that is in the bucket. ` +
      'Give the storage a "location", or set "yes" (--yes) where that is what you want.',
  )
}
