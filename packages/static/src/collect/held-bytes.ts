import { type FileHandle, mkdtemp, open, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { StaticError } from "../static-error.ts"

/** What is kept in memory at most, in bytes. */
const MOST_IN_MEMORY = 64 * 1024 * 1024

/** Bytes that are needed later. */
export interface Held {
  /** How many. */
  readonly size: number
  /** @throws StaticError `publish-failed` where they can't be read any more */
  readonly read: () => Promise<Uint8Array>
  /** They are not needed any more. To be called once. */
  readonly release: () => void
}

/** What the files of a run have to wait with: in memory as long as it is little, then in one temporary file. */
export class HeldBytes {
  readonly #most: number
  #inMemory = 0
  #file: Promise<TemporaryFile> | undefined
  #length = 0

  constructor(mostInMemory: number = MOST_IN_MEMORY) {
    this.#most = mostInMemory
  }

  /**
   * @param name of the file that they are of, for messages
   * @throws StaticError `publish-failed` where the temporary file takes no more
   */
  async hold(name: string, bytes: Uint8Array): Promise<Held> {
    const size = bytes.byteLength
    if (this.#inMemory + size > this.#most) {
      const position = this.#length
      this.#length += size
      await this.#inFile(name, async (handle) => writeAt(handle, bytes, position))
      return this.#inFileAt(name, position, size)
    }
    this.#inMemory += size
    return { size, read: async () => bytes, release: () => void (this.#inMemory -= size) }
  }

  // A function of its own: what it returns holds on to all that is named in it, and the bytes are not.
  #inFileAt(name: string, position: number, size: number): Held {
    const read = () => this.#inFile(name, (handle) => readAt(handle, position, size))
    return { size, read, release: () => {} }
  }

  async #inFile<Result>(name: string, use: (handle: FileHandle) => Promise<Result>): Promise<Result> {
    try {
      const { handle } = await (this.#file ??= openTemporary())
      return await use(handle)
    } catch (error) {
      throw new StaticError(
        "publish-failed",
        `${JSON.stringify(name)} could not be kept in ${tmpdir()} until it is stored: ${(error as Error).message}. ` +
          "Free some space there, or set TMPDIR to a folder on another disk.",
        { file: name, cause: error },
      )
    }
  }

  /** Removes the temporary file. What was not read is lost. */
  async dispose(): Promise<void> {
    const file = await this.#file?.catch(() => undefined)
    if (file === undefined) return
    await file.handle.close()
    await rm(file.folder, { recursive: true, force: true })
  }
}

interface TemporaryFile {
  readonly folder: string
  readonly handle: FileHandle
}

/** In a folder of its own, which nobody else can look into. */
async function openTemporary(): Promise<TemporaryFile> {
  const folder = await mkdtemp(join(tmpdir(), "node-storages-collect-"))
  try {
    return { folder, handle: await open(join(folder, "held"), "wx+") }
  } catch (error) {
    await rm(folder, { recursive: true, force: true })
    throw error
  }
}

async function writeAt(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.byteLength;) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.byteLength - done, position + done)
    done += bytesWritten
  }
}

async function readAt(handle: FileHandle, position: number, size: number): Promise<Uint8Array> {
  const bytes = Buffer.allocUnsafeSlow(size)
  for (let done = 0; done < size;) {
    const { bytesRead } = await handle.read(bytes, done, size - done, position + done)
    if (bytesRead === 0) throw new Error("the temporary file was cut")
    done += bytesRead
  }
  return bytes
}
