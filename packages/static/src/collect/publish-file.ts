import { OCTET_STREAM, typeOfName } from "@node-storages/core"
import type { Compressed } from "../compression/compress.ts"
import type { Compressor } from "../compression/compressor.ts"
import type { StaticConfig } from "../define-static.ts"
import type { Encoding } from "../manifest.ts"
import { namePattern } from "../name-pattern.ts"
import { cacheControlOf } from "../publishing/cache-control.ts"
import type { Publisher } from "../publishing/publisher.ts"
import { ENCODINGS, SIBLING_ENDINGS } from "../publishing/sibling-names.ts"
import { type Content, contentOf } from "./content-hash.ts"

export interface FinalFile {
  /** As in the sources. */
  readonly name: string
  readonly published: string
  readonly content: Content
  /** Makes what the plain name gets, where that is not the same. */
  readonly plainBytes?: (() => Uint8Array) | undefined
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
    const { plain } = config
    const patterns = typeof plain === "boolean" ? [] : plain.map(namePattern)
    this.#isPlain = typeof plain === "boolean" ? () => plain : (name) => patterns.some((matches) => matches(name))
  }

  /** @returns the sizes of the siblings that were kept, in bytes */
  async publish({ name, published, content, plainBytes }: FinalFile): Promise<Sizes> {
    const siblings = await this.#compress(name, content)
    const sizes = await this.#publishAs(published, name, content, siblings, true)
    if (published !== name && this.#isPlain(name)) {
      const plain = plainBytes ? contentOf(plainBytes()) : content
      const plainSiblings = plain.sha256 === content.sha256 ? siblings : await this.#compress(name, plain)
      await this.#publishAs(name, name, plain, plainSiblings, false)
    }
    return sizes
  }

  #compress(name: string, { bytes, sha256 }: Content): Promise<Compressed> {
    return this.#compressor.compress(name, bytes, typeOf(name), { digest: sha256, signal: this.#signal })
  }

  async #publishAs(
    target: string,
    name: string,
    content: Content,
    siblings: Compressed,
    hashed: boolean,
  ): Promise<Sizes> {
    const cacheControl = cacheControlOf(name, { hashed, overrides: this.#config.cacheControl })
    const headers = { contentType: typeOf(name), cacheControl, hashed }
    const sizes: Sizes = {}
    // Siblings first: a server that finds the file finds them too.
    for (const encoding of ENCODINGS) {
      const sibling = siblings[encoding]
      if (sibling === undefined) continue
      sizes[encoding] = sibling.byteLength
      await this.#publisher.publish({ name: target + SIBLING_ENDINGS[encoding], bytes: sibling, ...headers })
    }
    await this.#publisher.publish({ name: target, ...content, ...headers })
    return sizes
  }
}

function typeOf(name: string): string {
  return typeOfName(name) ?? OCTET_STREAM
}
