import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"

/** What is kept in memory at most, in bytes. */
const MOST_IN_MEMORY = 64 * 1024 * 1024

/** Bytes that are needed once more at the end of a run: in memory as long as they are few, then in a temporary folder. */
export class HeldBytes {
  readonly #most: number
  #inMemory = 0
  #files = 0
  #folder: Promise<string> | undefined

  constructor(mostInMemory: number = MOST_IN_MEMORY) {
    this.#most = mostInMemory
  }

  /** @returns what gives the bytes back; for one call */
  async hold(bytes: Uint8Array): Promise<() => Promise<Uint8Array>> {
    if (this.#inMemory + bytes.byteLength <= this.#most) {
      this.#inMemory += bytes.byteLength
      return async () => {
        this.#inMemory -= bytes.byteLength
        return bytes
      }
    }
    this.#folder ??= mkdtemp(join(tmpdir(), "node-storages-collect-"))
    const path = join(await this.#folder, String(this.#files++))
    await writeFile(path, bytes)
    return () => readFile(path)
  }

  /** Removes the folder. What was not given back is lost. */
  async dispose(): Promise<void> {
    if (this.#folder !== undefined) await rm(await this.#folder, { recursive: true, force: true })
  }
}
