import { StorageError } from "../errors.ts"
import type { Checksums, FileInfo } from "../file-info.ts"
import { type Algorithm, ALGORITHMS, digestOf } from "../hashes.ts"
import type { Storage } from "../storage.ts"

/** The first byte of every gzip file. */
const GZIP_BEGINS = 0x1f

/** The tag of an upload in one piece. Of one in parts it is a digest of digests. */
const MD5 = /^[0-9a-f]{32}$/

/** One of the two files that are compared. */
export interface ComparedFile {
  readonly storage: Storage
  readonly info: FileInfo
}

/**
 * Whether both have the same bytes. What the listings tell mostly decides. Else, where one tells a tag that may be an
 * MD5 and the other nothing, the other is read; then `stat` is asked, which may tell a digest that a listing has not; at
 * last bytes are read, of both files only where neither has a digest.
 */
export async function sameContent(source: ComparedFile, target: ComparedFile, signal: AbortSignal): Promise<boolean> {
  let [ours, theirs] = [source, target]
  for (const lookCloser of [digestForTag, knownBetter]) {
    const known = verdict(ours.info, theirs.info)
    if (known !== undefined) return known
    const [ourInfo, theirInfo] = await both(
      lookCloser(ours, signal, theirs.info),
      lookCloser(theirs, signal, ours.info).catch(undefinedWhereGone),
    )
    if (theirInfo === undefined) return false
    ours = { ...ours, info: ourInfo }
    theirs = { ...theirs, info: theirInfo }
  }
  return verdict(ours.info, theirs.info) ?? (await sameDigest(ours, theirs, signal))
}

async function sameDigest(source: ComparedFile, target: ComparedFile, signal: AbortSignal): Promise<boolean> {
  const algorithm = ALGORITHMS.find((name) => digests(source.info)[name] ?? digests(target.info)[name]) ?? "sha256"
  const [ours, theirs] = await both(
    digestBy(algorithm, source, signal),
    digestBy(algorithm, target, signal).catch(undefinedWhereGone),
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

/**
 * The info, with the MD5 of the bytes where the other has a tag to compare it with, and no digest is told here. Reading
 * costs no more than it would after all, and where both are equal, nobody has to be asked whether the tag is an MD5.
 */
async function digestForTag({ storage, info }: ComparedFile, signal: AbortSignal, other: FileInfo): Promise<FileInfo> {
  if (hasDigest(other) || !MD5.test(contentTag(other) ?? "") || tellsContent(info)) return info
  const found = await storage.stat(info.name, { signal })
  if (found.decoded || tellsContent(found)) return found
  const md5 = await md5UnlessGzip(storage.open(info.name, { signal }))
  return md5 === undefined ? found : { ...found, checksum: { md5 } }
}

/** The info, from `stat` where no digest is told. */
async function knownBetter({ storage, info }: ComparedFile, signal: AbortSignal): Promise<FileInfo> {
  return hasDigest(info) ? info : storage.stat(info.name, { signal })
}

function tellsContent(info: FileInfo): boolean {
  return hasDigest(info) || contentTag(info) !== undefined
}

function hasDigest(info: FileInfo): boolean {
  return Object.keys(digests(info)).length > 0
}

/**
 * The digest; undefined for what may be gzip. A listing that tells no headers does not tell either that the storage will
 * decode the file: a tag that is equal is then one of other bytes than reading gives.
 */
async function md5UnlessGzip(chunks: AsyncIterable<Uint8Array>): Promise<string | undefined> {
  let first: number | undefined
  async function* untilGzip(): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      first ??= chunk[0]
      if (first === GZIP_BEGINS) return
      yield chunk
    }
  }
  const md5 = await digestOf(untilGzip(), "md5")
  return first === GZIP_BEGINS ? undefined : md5
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
