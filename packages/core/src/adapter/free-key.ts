import type { PutOptions } from "../driver.ts"
import { StorageError } from "../errors.ts"
import type { FileInfo } from "../file-info.ts"
import { KeptStream } from "./kept-stream.ts"
import type { LongBody } from "./put-by-size.ts"

/** The error of a create whose key is taken. @param target of the driver: `"s3://bucket"` */
export function takenError(target: string, key: string, cause?: unknown): StorageError {
  return new StorageError("already-exists", `There is a file ${JSON.stringify(key)} in ${target} already.`, {
    operation: "write",
    storage: target,
    key,
    cause,
  })
}

/** Before much is sent: where the key is taken already, the alternative. The put must be conditional all the same. */
export async function firstFreeKey(
  target: string,
  key: string,
  { ifAbsent, nextKey }: PutOptions,
  exists: (key: string) => Promise<boolean>,
): Promise<string> {
  if (!ifAbsent || !(await exists(key))) return key
  if (nextKey) return nextKey()
  throw takenError(target, key)
}

/** One way to upload a stream to a driver's service, for `putUnderFreeKey`. */
export interface BoundUpload {
  /** What the driver points at, for messages. */
  readonly target: string
  readonly exists: (key: string) => Promise<boolean>
  /** Uploads the stream, on the conditions of the options. */
  readonly send: (key: string, stream: AsyncIterable<Uint8Array>) => Promise<FileInfo>
  /** Whether `send` failed because somebody else has taken the key. */
  readonly isTaken: (error: unknown) => boolean
}

/**
 * Stores a long body by an upload that is bound to its key: who loses the race for the key, at the very end, can't give
 * what he has sent another name. So a stream that can be read only once is written to a temporary file on its way, where
 * a race can be lost: a key that was made up just now has no rivals. A lost race sends the file again, under another key.
 */
export async function putUnderFreeKey(
  key: string,
  { stream, replayable }: LongBody,
  options: PutOptions,
  { target, exists, send, isTaken }: BoundUpload,
): Promise<FileInfo> {
  const { ifAbsent, nextKey } = options
  let current = await firstFreeKey(target, key, options, exists)
  const kept = ifAbsent && nextKey && !replayable && current === key ? await KeptStream.open() : undefined
  let content = kept ? kept.keep(stream) : stream
  try {
    for (;;) {
      try {
        return await send(current, content)
      } catch (error) {
        if (!ifAbsent || !isTaken(error)) throw error
        if (!nextKey || !kept?.whole) throw takenError(target, current, error)
        content = kept.read()
        current = nextKey()
      }
    }
  } finally {
    await kept?.close()
  }
}
