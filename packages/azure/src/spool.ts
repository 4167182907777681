import { type FileHandle, open, unlink } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { randomText } from "@node-storages/core"

const READ_SIZE = 1024 * 1024

/**
 * What has passed, in a temporary file that has no name any more: it is gone with the process, however that ends. A
 * file that can't be made or written (no space, no folder) is done without: then the stream can't be read again.
 */
export class Spool {
  /** Whether all that has passed can be read again. */
  whole = false
  readonly #file: FileHandle
  readonly #path: string
  readonly #unlinked: boolean
  #size = 0

  private constructor(file: FileHandle, path: string, unlinked: boolean) {
    this.#file = file
    this.#path = path
    this.#unlinked = unlinked
  }

  static async open(): Promise<Spool | undefined> {
    const path = join(tmpdir(), `node-storages-${randomText(16)}`)
    try {
      const file = await open(path, "wx+", 0o600)
      // Windows refuses to unlink an open file: there it is done at the end.
      const unlinked = await unlink(path).then(
        () => true,
        () => false,
      )
      return new Spool(file, path, unlinked)
    } catch {
      return undefined
    }
  }

  /** The stream as it is, written down on its way. */
  async *tee(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    let writable = true
    for await (const chunk of stream) {
      if (writable) writable = await this.#append(chunk)
      yield chunk
    }
    this.whole = writable
  }

  async *read(): AsyncGenerator<Uint8Array> {
    for (let position = 0; position < this.#size;) {
      const { bytesRead, buffer } = await this.#file.read(Buffer.allocUnsafe(READ_SIZE), 0, READ_SIZE, position)
      if (bytesRead === 0) throw new Error("The temporary file is shorter than what was written to it.")
      position += bytesRead
      yield buffer.subarray(0, bytesRead)
    }
  }

  async close(): Promise<void> {
    await this.#file.close()
    if (!this.#unlinked) await unlink(this.#path).catch(() => {})
  }

  async #append(chunk: Uint8Array): Promise<boolean> {
    try {
      for (let offset = 0; offset < chunk.byteLength;) {
        const { bytesWritten } = await this.#file.write(chunk, offset, chunk.byteLength - offset, this.#size)
        offset += bytesWritten
        this.#size += bytesWritten
      }
      return true
    } catch {
      // Given back at once: the disk is likely to be full.
      await this.#file.truncate(0).catch(() => {})
      return false
    }
  }
}
