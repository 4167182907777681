import { hash } from "node:crypto"
import type { FileInfo } from "@node-storages/core"
import type { Encoding, Manifest, PlainRecord } from "../manifest.ts"
import { hasHeaders } from "./header-record.ts"

/** A file with its final bytes, under its final name. */
export interface PublishedFile {
  readonly name: string
  readonly bytes: Uint8Array
  /** Of the bytes, in hexadecimal digits, where it is known already. Default: it is computed. */
  readonly sha256?: string | undefined
  readonly contentType: string
  readonly cacheControl: string
  /** Of a single object that a bucket keeps compressed and serves as it is; siblings have none. */
  readonly contentEncoding?: Encoding | undefined
  /** Whether the name changes with the content. */
  readonly hashed: boolean
}

/** The digest of bytes, in hexadecimal. */
export function digestOf(algorithm: "md5" | "sha256", bytes: Uint8Array): string {
  return hash(algorithm, bytes)
}

/** Of bytes that are in memory: they are compared under the name with the hash, and twice under the plain one. */
const md5s = new WeakMap<Uint8Array, string>()

function md5Of(bytes: Uint8Array): string {
  const known = md5s.get(bytes) ?? digestOf("md5", bytes)
  md5s.set(bytes, known)
  return known
}

/**
 * Whether the storage has the file as it is to be published: the same bytes with the same headers. Times don't count.
 *
 * A digest that the listing tells decides. Where it tells none, a hashed name stands for its content, and a plain name
 * must be recorded with this content by the last collect, and not have been written since: a collect that failed may
 * have left another version of the same size, which the entity tag gives away.
 * @param sha256 of the bytes
 */
export function isUnchanged(
  file: PublishedFile,
  listed: FileInfo | undefined,
  previous: Manifest | undefined,
  sha256: string,
): boolean {
  if (listed === undefined || listed.size !== file.bytes.byteLength) return false
  if (!hasHeaders(file, listed, previous?.headers)) return false
  const record = recordOf(file.name, previous)
  const md5 = listed.checksum?.md5
  if (md5 !== undefined) {
    // Without a record nothing is known of headers that the listing does not tell.
    const known = file.hashed || record !== undefined || listed.contentType !== undefined
    return known && md5 === md5Of(file.bytes)
  }
  if (file.hashed) return true
  if (record?.sha256 !== sha256) return false
  return record.etag === undefined || listed.etag === undefined || record.etag === listed.etag
}

/** What the last collect has recorded of a name without a hash. */
export function recordOf(name: string, previous: Manifest | undefined): PlainRecord | undefined {
  const { plain = {} } = previous ?? {}
  return Object.hasOwn(plain, name) ? plain[name] : undefined
}
