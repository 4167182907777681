import type { FileHandle } from "node:fs/promises"
import { randomText } from "../alternative-name.ts"

const READ_SIZE = 1024 * 1024

const fs = () => process.getBuiltinModule("node:fs/promises")

/** A temporary file that has no name any more: it is gone with the process, however that ends. */
export class TemporaryFile {
  readonly #file: FileHandle
  readonly #path: string
  readonly #unlinked: boolean
  #size = 0

  private constructor(file: FileHandle, path: string, unlinked: boolean) {
    this.#file = file
    this.#path = path
    this.#unlinked = unlinked
  }

  /** Makes an empty one in the system's folder, readable by this user alone. */
  static async open(): Promise<TemporaryFile> {
    const { open, unlink } = fs()
    const { tmpdir } = process.getBuiltinModule("node:os")
    const path = process.getBuiltinModule("node:path").join(tmpdir(), `node-storages-${randomText(16)}`)
    const file = await open(path, "wx+", 0o600)
    // Windows refuses to unlink an open file: there it is done at the end.
    const unlinked = await unlink(path).then(
      () => true,
      () => false,
    )
    return new TemporaryFile(file, path, unlinked)
  }

  /** In bytes. */
  get size(): number {
    return this.#size
  }

  /**
   * Writes at its end, all of the chunk; several may be under way at once. After a failure only `clear` and `close` make
   * sense.
   * @returns where in the file it begins, in bytes
   */
  async append(chunk: Uint8Array): Promise<number> {
    const position = this.#size
    this.#size += chunk.byteLength
    for (let done = 0; done < chunk.byteLength;) {
      const { bytesWritten } = await this.#file.write(chunk, done, chunk.byteLength - done, position + done)
      done += bytesWritten
    }
    return position
  }

  /** So many bytes from a position on. @throws Error where the file ends before */
  async readAt(position: number, size: number): Promise<Uint8Array> {
    const bytes = Buffer.allocUnsafeSlow(size)
    for (let done = 0; done < size;) {
      const { bytesRead } = await this.#file.read(bytes, done, size - done, position + done)
      if (bytesRead === 0) throw new Error("The temporary file is shorter than what was written to it.")
      done += bytesRead
    }
    return bytes
  }

  /** All of it, from its beginning; again at each call. */
  async *read(): AsyncGenerator<Uint8Array> {
    for (let position = 0; position < this.#size; position += READ_SIZE) {
      yield await this.readAt(position, Math.min(READ_SIZE, this.#size - position))
    }
  }

  /** Gives the space back, where nothing of it is wanted any more. */
  async clear(): Promise<void> {
    this.#size = 0
    await this.#file.truncate(0)
  }

  /** Closes it; the system then frees its space. */
  async close(): Promise<void> {
    await this.#file.close()
    if (!this.#unlinked)
      await fs()
        .unlink(this.#path)
        .catch(() => {})
  }
}
