import { OCTET_STREAM, typeOfName } from "@node-storages/core"
import { pool } from "@node-storages/core/adapter"
import type { Compressor } from "../compression/compressor.ts"
import type { StaticConfig } from "../define-static.ts"
import type { Encoding } from "../manifest.ts"
import { anyPattern } from "../name-pattern.ts"
import { cacheControlOf } from "../publishing/cache-control.ts"
import type { PublishedFile, Publisher } from "../publishing/publisher.ts"
import { ENCODINGS, SIBLING_ENDINGS } from "../publishing/sibling-names.ts"
import { type Content, contentOf } from "./content-hash.ts"
import { HeldBytes } from "./held-bytes.ts"

export interface FinalFile {
  /** As in the sources. */
  readonly name: string
  readonly published: string
  /** Whether the published name changes with the content. */
  readonly isHashed: boolean
  readonly content: Content
  /** Makes what the plain name gets, where that is not the same. */
  readonly plainBytes?: (() => Uint8Array) | undefined
}

export type Sizes = Partial<Record<Encoding, number>>

/** One content as it is stored: under one or two names, each with its headers. */
interface Stored {
  /** What the name ends with. */
  readonly ending: string
  readonly bytes: Uint8Array
  readonly sha256?: string | undefined
  readonly contentEncoding?: Encoding | undefined
}

/**
 * Publishes files, compressed as asked: under the name with the hash, and under the plain one where that is wanted.
 *
 * What is there already under a name without a hash is replaced at the end only: the release before needs it as long as
 * this one may fail.
 */
export class FilePublisher {
  readonly #config: StaticConfig
  readonly #names: ReadonlySet<string>
  readonly #publisher: Publisher
  readonly #compressor: Compressor
  readonly #isPlain: (name: string) => boolean
  readonly #signal: AbortSignal | undefined
  readonly #held = new HeldBytes()
  readonly #later: (() => Promise<void>)[] = []

  /** @param names all that are collected: a sibling that is among them is published as the file that it is */
  constructor(
    config: StaticConfig,
    names: ReadonlySet<string>,
    publisher: Publisher,
    compressor: Compressor,
    signal: AbortSignal | undefined,
  ) {
    this.#config = config
    this.#names = names
    this.#publisher = publisher
    this.#compressor = compressor
    this.#signal = signal
    this.#isPlain = anyPattern(config.plain)
  }

  /** @returns the sizes of the siblings that were kept, in bytes */
  async publish({ name, published, isHashed, content, plainBytes }: FinalFile): Promise<Sizes> {
    const stored = await this.#stored(name, content)
    await this.#publishAs(published, name, stored, isHashed)
    if (published !== name && this.#isPlain(name)) {
      const plain = plainBytes ? contentOf(plainBytes()) : content
      const same = plain.sha256 === content.sha256
      await this.#publishAs(name, name, same ? stored : await this.#stored(name, plain), false)
    }
    const sizes: Sizes = {}
    for (const encoding of ENCODINGS) {
      const ending = SIBLING_ENDINGS[encoding]
      const sibling = stored.find((each) => each.ending === ending)
      if (sibling && !this.#names.has(published + ending)) sizes[encoding] = sibling.bytes.byteLength
    }
    return sizes
  }

  /** What was held back. After all files with a hash. */
  async publishHeld(): Promise<void> {
    await pool(this.#later, this.#config.concurrency, (publish) => publish())
  }

  dispose(): Promise<void> {
    return this.#held.dispose()
  }

  /** Siblings first: a server that finds the file finds them too. */
  async #stored(name: string, { bytes, sha256 }: Content): Promise<readonly Stored[]> {
    const compressed = await this.#compressor.compress(name, bytes, typeOf(name), {
      digest: sha256,
      signal: this.#signal,
    })
    const { contentEncoding } = this.#config
    const encoded = contentEncoding && compressed[contentEncoding]
    if (contentEncoding && encoded) return [{ ending: "", bytes: encoded, contentEncoding }]
    const siblings = ENCODINGS.flatMap((encoding) => {
      const sibling = compressed[encoding]
      return sibling ? [{ ending: SIBLING_ENDINGS[encoding], bytes: sibling }] : []
    })
    return [...siblings, { ending: "", bytes, sha256 }]
  }

  async #publishAs(target: string, name: string, stored: readonly Stored[], hashed: boolean): Promise<void> {
    const cacheControl = cacheControlOf(name, { hashed, overrides: this.#config.cacheControl })
    const headers = { contentType: typeOf(name), cacheControl, hashed }
    const files = stored
      .map(({ ending, ...content }) => ({ name: target + ending, ...content, ...headers }))
      .filter((file) => file.name === target || !this.#names.has(file.name))
    const isReplaced = this.#publisher.isListed(target) && !files.every((file) => this.#publisher.isUnchanged(file))
    if (!hashed && isReplaced) return this.#hold(target, files)
    for (const file of files) await this.#publisher.publish(file)
  }

  async #hold(target: string, files: readonly PublishedFile[]): Promise<void> {
    const held: (() => Promise<PublishedFile>)[] = []
    for (const { bytes, ...file } of files) {
      const bytesOf = await this.#held.hold(bytes)
      held.push(async () => ({ ...file, bytes: await bytesOf() }))
    }
    // A server would go on sending them for the new content.
    const leftover = ENCODINGS.map((encoding) => target + SIBLING_ENDINGS[encoding]).filter(
      (name) => this.#publisher.isListed(name) && !this.#names.has(name) && !files.some((file) => file.name === name),
    )
    this.#later.push(async () => {
      if (leftover.length > 0) await this.#publisher.discard(leftover)
      for (const file of held) await this.#publisher.publish(await file())
    })
  }
}

function typeOf(name: string): string {
  return typeOfName(name) ?? OCTET_STREAM
}
