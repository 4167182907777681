import { createHash } from "node:crypto"
import type { FileInfo, Storage } from "@node-storages/core"
import { pool } from "@node-storages/core/adapter"
import type { Manifest } from "../manifest.ts"
import { parseManifest, serializeManifest } from "./manifest-file.ts"
import { historyDirectory } from "./own-names.ts"
import { describeTarget } from "./target.ts"

/** No colons, which Windows does not allow: `20261121T105446123Z-3f9a1c0b2d4e.json`. */
const RECORD = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z-[0-9a-f]{12}\.json$/
const PARALLEL_READS = 8

/** The manifest of an earlier release. */
export interface EarlierManifest {
  /** The names of the records that hold it: more than one where it was published again, or a collect had failed. */
  readonly records: readonly string[]
  /** When it was last replaced by another one. */
  readonly replaced: Date
  readonly manifest: Manifest
}

/** The name under which a manifest is kept that is replaced now. Two that are equal may share it. */
export function recordName(manifest: string, text: string, replaced: Date): string {
  const digest = createHash("sha256").update(text).digest("hex").slice(0, 12)
  return `${historyDirectory(manifest)}/${replaced.toISOString().replace(/[-:.]/g, "")}-${digest}.json`
}

/** When the manifest in this record was replaced, or undefined where the file is none of ours. */
export function replacedAt(manifest: string, name: string): Date | undefined {
  const directory = `${historyDirectory(manifest)}/`
  if (!name.startsWith(directory)) return undefined
  const parts = RECORD.exec(name.slice(directory.length))?.slice(1)
  if (parts === undefined) return undefined
  const [year, month, day, hour, minute, second, milliseconds] = parts.map(Number) as [number, ...number[]]
  const date = new Date(Date.UTC(year, month! - 1, day, hour, minute, second, milliseconds))
  return Number.isNaN(date.getTime()) ? undefined : date
}

/**
 * The manifests of earlier releases, the one that was replaced last first. Each counts once, whatever is recorded of
 * its plain files, and not where it is the current one again: those records are `repeated`.
 * @param name of the manifest
 * @throws StaticError `invalid-manifest` or `newer-manifest` naming the record
 */
export async function readHistory(
  target: Storage,
  name: string,
  listed: ReadonlyMap<string, FileInfo>,
  current: Manifest,
  signal: AbortSignal | undefined,
): Promise<{ earlier: EarlierManifest[]; repeated: string[] }> {
  const releases = new Map<string, EarlierManifest>()
  const repeated: string[] = []
  const records = [...listed.keys()].filter((record) => replacedAt(name, record) !== undefined).toSorted()
  await pool(records, PARALLEL_READS, async (record) => {
    const text = await target.open(record, { signal }).text()
    const manifest = parseManifest(text, `${record} in ${describeTarget(target)}`)
    const release = releaseOf(manifest)
    if (release === releaseOf(current)) return void repeated.push(record)
    const known = releases.get(release)
    const times = [replacedAt(name, record)!, ...(known ? [known.replaced] : [])]
    releases.set(release, {
      records: [...(known?.records ?? []), record],
      replaced: new Date(Math.max(...times.map((time) => time.getTime()))),
      manifest,
    })
  })
  const latestFirst = [...releases.values()].toSorted((one, other) => other.replaced.getTime() - one.replaced.getTime())
  return { earlier: latestFirst, repeated: repeated.toSorted() }
}

/** Equal for manifests of the same files: what is recorded of plain files changes each time that they are stored. */
function releaseOf({ version, files }: Manifest): string {
  return serializeManifest({ version, files })
}
