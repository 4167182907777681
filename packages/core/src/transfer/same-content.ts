import { StorageError } from "../errors.ts"
import type { Checksums, FileInfo } from "../file-info.ts"
import { type Algorithm, ALGORITHMS, digestOf } from "../hashes.ts"
import type { Storage } from "../storage.ts"

/** One of the two files that are compared. */
export interface ComparedFile {
  readonly storage: Storage
  readonly info: FileInfo
}

/**
 * Whether both have the same bytes. What the listings tell mostly decides; else `stat` is asked, which may tell a
 * digest that a listing has not; at last bytes are read, of both files only where neither has a digest.
 */
export async function sameContent(source: ComparedFile, target: ComparedFile, signal: AbortSignal): Promise<boolean> {
  const listed = verdict(source.info, target.info)
  if (listed !== undefined) return listed
  const [sourceInfo, targetInfo] = await both(
    knownBetter(source, signal),
    knownBetter(target, signal).catch(undefinedWhereGone),
  )
  if (targetInfo === undefined) return false
  const known = verdict(sourceInfo, targetInfo)
  if (known !== undefined) return known
  const algorithm = ALGORITHMS.find((name) => digests(sourceInfo)[name] ?? digests(targetInfo)[name]) ?? "sha256"
  const [ours, theirs] = await both(
    digestBy(algorithm, { ...source, info: sourceInfo }, signal),
    digestBy(algorithm, { ...target, info: targetInfo }, signal).catch(undefinedWhereGone),
  )
  return ours === theirs
}

/** What is known without reading; undefined where it does not say. */
function verdict(source: FileInfo, target: FileInfo): boolean | undefined {
  // Of a file that one side decodes, sizes and digests are those of other bytes than reading gives.
  if ((source.decoded ?? false) !== (target.decoded ?? false)) return undefined
  if (source.size !== target.size) return false
  if (source.size === 0) return true
  const [ours, theirs] = [contentTag(source), contentTag(target)]
  if (ours !== undefined && ours === theirs) return true
  for (const algorithm of ALGORITHMS) {
    const [one, other] = [source.checksum?.[algorithm], target.checksum?.[algorithm]]
    if (one !== undefined && other !== undefined) return one.toLowerCase() === other.toLowerCase()
  }
  // A tag that looks like an MD5 proves nothing where it differs: with encryption it is none.
  if (ours !== undefined && ours === target.checksum?.md5?.toLowerCase()) return true
  if (theirs !== undefined && theirs === source.checksum?.md5?.toLowerCase()) return true
  return undefined
}

/**
 * An entity tag that is made of the content alone: S3's MD5, and its MD5 of MD5s with the count of parts. Tags that
 * are made of times, counts or inodes may be equal for other bytes.
 */
function contentTag({ etag }: FileInfo): string | undefined {
  return /^"([0-9a-f]{32}(?:-\d+)?)"$/i.exec(etag ?? "")?.[1]?.toLowerCase()
}

/** The info, from `stat` where the listing has told no digest. */
async function knownBetter({ storage, info }: ComparedFile, signal: AbortSignal): Promise<FileInfo> {
  return Object.keys(digests(info)).length > 0 ? info : storage.stat(info.name, { signal })
}

/** Digests of the bytes that reading gives. */
function digests({ decoded, checksum = {} }: FileInfo): Checksums {
  return decoded ? {} : checksum
}

async function digestBy(algorithm: Algorithm, { storage, info }: ComparedFile, signal: AbortSignal): Promise<string> {
  return digests(info)[algorithm]?.toLowerCase() ?? digestOf(storage.open(info.name, { signal }), algorithm)
}

/** For the target: what is gone since it was listed is not the same. */
function undefinedWhereGone(error: unknown): undefined {
  if (!StorageError.is(error, "not-found")) throw error
}

/** Both results. Where one fails the other is waited for, so that nothing goes on behind the caller's back. */
async function both<One, Other>(one: Promise<One>, other: Promise<Other>): Promise<[One, Other]> {
  await Promise.allSettled([one, other])
  return [await one, await other]
}
