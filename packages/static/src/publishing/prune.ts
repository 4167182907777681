import { checkOptions, type Duration, type OptionNames, seconds, type Storage } from "@node-storages/core"
import { wholeNumber } from "@node-storages/core/adapter"
import type { Manifest } from "../manifest.ts"
import { StaticError } from "../static-error.ts"
import { type EarlierManifest, readHistory, replacedAt } from "./history.ts"
import { parseManifest } from "./manifest-file.ts"
import { inProgress, readManifestText } from "./manifest-store.ts"
import { isOwnName, manifestName } from "./own-names.ts"
import { namesOfEntry } from "./sibling-names.ts"
import { describeTarget, listTarget } from "./target.ts"

const DEFAULT_KEPT = 1

/** Which old releases `prune` keeps. */
export interface PruneOptions {
  /** The name of the manifest in the target. Default: `"staticfiles.json"`. */
  readonly manifest?: string | undefined
  /**
   * How long a release is kept after it was replaced: pages that browsers, CDNs and mails still have refer to its
   * files. `"30d"`
   */
  readonly olderThan: Duration
  /** How many releases before the current one are kept whatever their age, to go back to. Default: 1. */
  readonly keep?: number | undefined
  /** Deletes nothing; the report tells what would have been deleted. Default: false. */
  readonly dryRun?: boolean | undefined
  readonly signal?: AbortSignal | undefined
}

const OPTIONS: OptionNames<PruneOptions> = { manifest: true, olderThan: true, keep: true, dryRun: true, signal: true }

/** What was deleted, or with `dryRun` would have been. Can be sent as JSON. */
export interface PruneReport {
  /** Published files with their compressed siblings, sorted. */
  readonly deleted: readonly string[]
  readonly bytesDeleted: number
  /** Records of manifests that are not kept, sorted. */
  readonly manifestsDeleted: readonly string[]
  /** How many releases are kept, the current one included. */
  readonly releases: number
  readonly dryRun: boolean
}

/**
 * Deletes the files of releases that are over: those that were replaced before `olderThan`, but for the last `keep`.
 * Only what a manifest of such a release names under a hashed name is deleted, with its siblings, and only where no
 * release that is kept names it too, and where it is itself older than `olderThan` (a collect may have just stored
 * it). Never deleted: files that other tools have put there, and plain names, which may be somebody else's by now.
 *
 * Not to be run while a collect is: one that has finished meanwhile is noticed, before anything is deleted. Of other
 * manifests in the storage nothing is known: what is pruned has a location of its own.
 * @throws StaticError `missing-manifest`, `invalid-manifest` or `newer-manifest` (also for a record of an earlier
 * release: what it needs is not known), `collect-in-progress`; StorageErrors as they are, above all `partial-failure`
 */
export async function prune(target: Storage, options: PruneOptions): Promise<PruneReport> {
  checkOptions("prune()", options, OPTIONS)
  const { dryRun = false, signal } = options
  const name = manifestName(options.manifest)
  const before = new Date(Date.now() - seconds(options.olderThan, "olderThan") * 1000)
  const keep = wholeNumber("keep", options.keep ?? DEFAULT_KEPT, 0, Number.MAX_SAFE_INTEGER)

  // Before the listing: the record of a manifest that is replaced from here on is not in it, and is noticed below.
  const text = await readManifestText(target, name, signal)
  if (text === undefined) throw missing(target, name)
  const current = parseManifest(text, `${name} in ${describeTarget(target)}`)
  const listed = await listTarget(target, signal)
  const { earlier, repeated } = await readHistory(target, name, listed, current, signal)
  const isKept = ({ replaced }: EarlierManifest, index: number) => index < keep || replaced >= before
  const kept = earlier.filter(isKept)
  const over = earlier.filter((release, index) => !isKept(release, index))

  const needed = new Set([current, ...kept.map(({ manifest }) => manifest)].flatMap(allNames))
  const left = (file: string) => listed.has(file) && !needed.has(file)
  const isOld = (file: string) => listed.get(file)!.modified < before
  const candidates = new Set(over.flatMap(({ manifest }) => hashedNames(manifest, name)).filter(left))
  const deleted = [...candidates].filter(isOld).toSorted()
  // The record of a file that is too young stays with it: it is all that tells of the file.
  const isDone = ({ manifest }: EarlierManifest) => hashedNames(manifest, name).filter(left).every(isOld)
  const records = over.filter(isDone).flatMap((release) => release.records)
  const lapsed = repeated.filter((record) => replacedAt(name, record)! < before)
  const manifestsDeleted = [...records, ...lapsed].toSorted()

  if (!dryRun && deleted.length + manifestsDeleted.length > 0) {
    if ((await readManifestText(target, name, signal)) !== text) throw inProgress(target, name)
    await target.deleteMany(deleted, { signal })
    // The records last: what they name is found again where this is interrupted.
    await target.deleteMany(manifestsDeleted, { signal })
  }
  const bytesDeleted = deleted.reduce((sum, file) => sum + listed.get(file)!.size, 0)
  return { deleted, bytesDeleted, manifestsDeleted, releases: kept.length + 1, dryRun }
}

function allNames({ files, plain = {} }: Manifest): string[] {
  return [...Object.values(files).flatMap(namesOfEntry), ...Object.keys(plain)]
}

/** What a manifest names that was not published under a plain name. */
function hashedNames({ files, plain = {} }: Manifest, own: string): string[] {
  return Object.values(files)
    .flatMap(namesOfEntry)
    .filter((name) => !Object.hasOwn(plain, name) && !isOwnName(name, own))
}

function missing(target: Storage, name: string): StaticError {
  return new StaticError(
    "missing-manifest",
    `${describeTarget(target)} has no ${name}: without it nothing tells which files are needed, and nothing was deleted. ` +
      "Collect into it first, or give the storage that was collected into.",
    { file: name },
  )
}
