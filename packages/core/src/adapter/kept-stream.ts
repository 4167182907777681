import { TemporaryFile } from "./temporary-file.ts"

/**
 * A one-shot stream that is written down on its way, so that it can be read once more. A file that can't be made or
 * written (no space, no folder) is done without: then the stream can't be read again.
 */
export class KeptStream {
  readonly #file: TemporaryFile | undefined
  #whole = false

  private constructor(file: TemporaryFile | undefined) {
    this.#file = file
  }

  static async open(): Promise<KeptStream> {
    return new KeptStream(await TemporaryFile.open().catch(() => undefined))
  }

  /** Whether all that has passed can be read again. */
  get whole(): boolean {
    return this.#whole
  }

  /** The stream as it is, written down on its way. */
  async *keep(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    let writable = this.#file !== undefined
    for await (const chunk of stream) {
      if (writable) writable = await this.#append(chunk)
      yield chunk
    }
    this.#whole = writable
  }

  /** What has passed. Only while it is `whole`. */
  read(): AsyncGenerator<Uint8Array> {
    return this.#file!.read()
  }

  async close(): Promise<void> {
    await this.#file?.close()
  }

  async #append(chunk: Uint8Array): Promise<boolean> {
    try {
      await this.#file!.append(chunk)
      return true
    } catch {
      // Given back at once: the disk is likely to be full.
      await this.#file!.clear().catch(() => {})
      return false
    }
  }
}
