import { createHash } from "node:crypto"
import { OCTET_STREAM, typeOfName } from "@node-storages/core"
import picomatch from "picomatch"
import type { Compressor } from "../compression/compressor.ts"
import type { StaticConfig } from "../define-static.ts"
import type { Encoding } from "../manifest.ts"
import { cacheControlOf } from "../publishing/cache-control.ts"
import type { Publisher } from "../publishing/publisher.ts"
import { ENCODINGS, SIBLING_ENDINGS } from "../publishing/sibling-names.ts"

export interface FinalFile {
  /** As in the sources. */
  readonly name: string
  readonly published: string
  readonly bytes: Uint8Array
  /** What the plain name gets, where that is not the same. */
  readonly plainBytes?: Uint8Array | undefined
}

export type Sizes = Partial<Record<Encoding, number>>

/** Publishes a file with its compressed siblings: under its name with the hash, and under its plain one where asked. */
export class FilePublisher {
  readonly #config: StaticConfig
  readonly #publisher: Publisher
  readonly #compressor: Compressor
  readonly #isPlain: (name: string) => boolean
  readonly #signal: AbortSignal | undefined

  constructor(config: StaticConfig, publisher: Publisher, compressor: Compressor, signal: AbortSignal | undefined) {
    this.#config = config
    this.#publisher = publisher
    this.#compressor = compressor
    this.#signal = signal
    this.#isPlain = typeof config.plain === "boolean" ? () => config.plain === true : matcherOf(config.plain)
  }

  /** @returns the sizes of the siblings that were kept, in bytes */
  async publish({ name, published, bytes, plainBytes = bytes }: FinalFile): Promise<Sizes> {
    const sizes = await this.#publishAs(published, name, bytes, true)
    if (published !== name && this.#isPlain(name)) await this.#publishAs(name, name, plainBytes, false)
    return sizes
  }

  async #publishAs(target: string, name: string, bytes: Uint8Array, hashed: boolean): Promise<Sizes> {
    const contentType = typeOfName(name) ?? OCTET_STREAM
    const cacheControl = cacheControlOf(name, { hashed, overrides: this.#config.cacheControl })
    const digest = createHash("sha256").update(bytes).digest("hex")
    const siblings = await this.#compressor.compress(name, bytes, contentType, { digest, signal: this.#signal })
    const sizes: Sizes = {}
    // Siblings first: a server that finds the file finds them too.
    for (const encoding of ENCODINGS) {
      const sibling = siblings[encoding]
      if (sibling === undefined) continue
      sizes[encoding] = sibling.byteLength
      await this.#publisher.publish({
        name: target + SIBLING_ENDINGS[encoding],
        bytes: sibling,
        contentType,
        cacheControl,
        hashed,
      })
    }
    await this.#publisher.publish({ name: target, bytes, contentType, cacheControl, hashed })
    return sizes
  }
}

/** A pattern without a slash matches in every directory. */
function matcherOf(patterns: readonly string[]): (name: string) => boolean {
  const matchers = patterns.map((pattern) =>
    picomatch(pattern, { dot: true, basename: !pattern.includes("/"), nonegate: true }),
  )
  return (name) => matchers.some((matches) => matches(name))
}
