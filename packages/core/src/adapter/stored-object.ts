import type { ByteRange, DriverObject } from "../driver.ts"
import type { FileInfo } from "../file-info.ts"
import { gunzipped } from "./gzip.ts"

/**
 * The range to ask the service for: of an object that is stored compressed all of it, since a range of what it
 * decompresses to is found from its beginning.
 * @param compressed of the storage, from `compressedTypes()`
 * @param head asked only where the storage compresses
 */
export async function storedRange(
  range: ByteRange | undefined,
  compressed: ReadonlySet<string>,
  head: () => Promise<FileInfo | undefined>,
): Promise<ByteRange | undefined> {
  return range && compressed.size > 0 && (await head())?.decoded ? undefined : range
}

/** What was read with `storedRange()`, decompressed where the storage does that; the length is not known then. */
export function readStored(object: DriverObject, range: ByteRange | undefined): DriverObject {
  return object.info.decoded ? { ...object, length: undefined, chunks: gunzipped(object.chunks, range) } : object
}

/** What reading gives for a range that begins at the end or behind it, which services answer with status 416. */
export function emptyRange(info: FileInfo | undefined): DriverObject | undefined {
  return info && { info, length: 0, chunks: nothing() }
}

async function* nothing(): AsyncGenerator<Uint8Array> {}
