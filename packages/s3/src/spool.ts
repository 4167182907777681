import { createHash } from "node:crypto"
import { type FileHandle, open, unlink } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { randomText, StorageError } from "@node-storages/core"
import { LARGEST_PUT } from "./s3-options.ts"

/** A stream in a temporary file that has no name any more: it is gone with the process, however that ends. */
export interface Spool {
  readonly size: number
  readonly md5: Uint8Array
  stream(): AsyncIterable<Uint8Array>
  close(): Promise<void>
}

const READ_SIZE = 1024 * 1024

/** Writes a stream of unknown length to a temporary file, so that it can be sent (again) as one request. */
export async function spool(stream: AsyncIterable<Uint8Array>): Promise<Spool> {
  const path = join(tmpdir(), `node-storages-${randomText(16)}`)
  const file = await open(path, "wx+", 0o600)
  // Windows refuses to unlink an open file: there it is done at the end.
  const unlinked = await unlink(path).then(
    () => true,
    () => false,
  )
  const close = async () => {
    await file.close()
    if (!unlinked) await unlink(path).catch(() => {})
  }
  try {
    const md5 = createHash("md5")
    let size = 0
    for await (const chunk of stream) {
      if (size + chunk.byteLength > LARGEST_PUT) throw tooLarge()
      md5.update(chunk)
      await writeAll(file, chunk)
      size += chunk.byteLength
    }
    return { size, md5: md5.digest(), stream: () => readAll(file, size), close }
  } catch (error) {
    await close()
    throw error
  }
}

function tooLarge(): StorageError {
  return new StorageError(
    "unsupported",
    "This service can't create a file of more than 5 GiB only if it is absent (see the option conditionalCreate). " +
      "Nothing was stored. Use a unique name with save(…, { overwrite: true }) or write().",
  )
}

async function writeAll(file: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let offset = 0; offset < chunk.byteLength;) {
    const { bytesWritten } = await file.write(chunk, offset, chunk.byteLength - offset)
    offset += bytesWritten
  }
}

async function* readAll(file: FileHandle, size: number): AsyncGenerator<Uint8Array> {
  for (let position = 0; position < size;) {
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(READ_SIZE), 0, READ_SIZE, position)
    if (bytesRead === 0) throw new Error("The temporary file is shorter than what was written to it.")
    position += bytesRead
    yield buffer.subarray(0, bytesRead)
  }
}
