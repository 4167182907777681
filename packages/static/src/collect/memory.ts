import { WorkLimit } from "@node-storages/core/adapter"
import type { SourceFile } from "../source.ts"

/** Of files in memory, which wait to be named, compressed and stored. A larger one comes when no other is there. */
const BYTES_AT_ONCE = 256 * 1024 * 1024

/** Room for the files that a step of a collect works on. */
export class Memory {
  readonly #limit = new WorkLimit(Infinity, BYTES_AT_ONCE, "collect")

  /** Does the work when there is room for so many bytes, which it has until it ends. In the order of the calls. */
  run<Result>(bytes: number, work: () => Promise<Result>): Promise<Result> {
    return this.#limit.run(bytes, work)
  }

  /** Reads a file when there is room for it, which it has until the work ends. */
  async read(file: SourceFile, work: (bytes: Uint8Array) => Promise<void>): Promise<void> {
    let leave = (): void => {}
    try {
      await work(await file.read(async (bytes) => void (leave = await this.#limit.enter(bytes))))
    } finally {
      leave()
    }
  }
}
