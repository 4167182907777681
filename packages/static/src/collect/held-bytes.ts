import { tmpdir } from "node:os"
import { TemporaryFile } from "@node-storages/core/adapter"
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
      const position = await this.#inFile(name, (file) => file.append(bytes))
      return this.#inFileAt(name, position, size)
    }
    this.#inMemory += size
    return { size, read: async () => bytes, release: () => void (this.#inMemory -= size) }
  }

  // A function of its own: what it returns holds on to all that is named in it, and the bytes are not.
  #inFileAt(name: string, position: number, size: number): Held {
    const read = () => this.#inFile(name, (file) => file.readAt(position, size))
    return { size, read, release: () => {} }
  }

  async #inFile<Result>(name: string, use: (file: TemporaryFile) => Promise<Result>): Promise<Result> {
    try {
      return await use(await (this.#file ??= TemporaryFile.open()))
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
    await file?.close()
  }
}
