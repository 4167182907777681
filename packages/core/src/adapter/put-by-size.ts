import type { PutBody, PutOptions } from "../driver.ts"
import type { FileInfo } from "../file-info.ts"
import { compresses } from "./compressed-types.ts"
import { gzipped } from "./gzip.ts"
import { readAhead } from "./read-ahead.ts"

/** A body that is too long for one request. */
export interface LongBody {
  /** One-shot, whatever `replayable` says. */
  readonly stream: AsyncIterable<Uint8Array>
  /** In bytes, where it is known. */
  readonly size: number | undefined
  /** Whether core can send the body again by itself. */
  readonly replayable: boolean
}

/** What `putBySize` needs of a driver: how it stores one piece, and how a stream. */
export interface PutBySize {
  /** Content types that are stored compressed. */
  readonly compressedTypes: ReadonlySet<string>
  /** Content up to this size is stored in one piece. In bytes. */
  readonly limit: number
  /** The same for content that is in memory already. Default: `limit`. */
  readonly limitInMemory?: number | undefined
  /** Stores bytes in one piece. */
  readonly whole: (bytes: Uint8Array, options: PutOptions) => Promise<FileInfo>
  /** Stores a stream. Where it fails, the stream is ended here. */
  readonly long: (body: LongBody, options: PutOptions) => Promise<FileInfo>
}

/** Stores a body in one piece or as a stream, by its size; compressed first where its type is to be. */
export async function putBySize(given: PutBody, options: PutOptions, put: PutBySize): Promise<FileInfo> {
  const zip = compresses(put.compressedTypes, options)
  const body = zip ? await gzipped(given) : given
  const headers: PutOptions = zip ? { ...options, contentEncoding: "gzip" } : options

  const { limit, limitInMemory = limit } = put
  if (body.bytes && body.bytes.byteLength <= limitInMemory) return put.whole(body.bytes, headers)
  const ahead = await readAhead(body.stream(), limit)
  if (ahead.whole) return put.whole(ahead.whole, headers)
  try {
    return await put.long({ stream: ahead.replay(), size: body.size, replayable: body.replayable }, headers)
  } catch (error) {
    await ahead.cancel().catch(() => {})
    throw error
  }
}
