import { OCTET_STREAM, typeOfName } from "@node-storages/core"
import { pool } from "@node-storages/core/adapter"
import { allOf } from "../all-of.ts"
import type { Compressor } from "../compression/compressor.ts"
import type { StaticConfig } from "../define-static.ts"
import type { Encoding } from "../manifest.ts"
import { anyPattern } from "../name-pattern.ts"
import { cacheControlOf } from "../publishing/cache-control.ts"
import type { PublishedFile, Publisher } from "../publishing/publisher.ts"
import { ENCODINGS, SIBLING_ENDINGS } from "../publishing/sibling-names.ts"
import { type Content, contentOf } from "./content-hash.ts"
import type { SourceCount } from "./collect-progress.ts"
import type { Held, HeldBytes } from "./held-bytes.ts"
import { Memory } from "./memory.ts"

export interface FinalFile {
  /** As in the sources. */
  readonly name: string
  readonly published: string
  /** Whether the published name changes with the content. */
  readonly isHashed: boolean
  readonly content: Content
  /** What the plain name gets, where that is not the same. */
  readonly plainBytes?: Uint8Array | undefined
  /** It is stored after that, and compressed before. Default: at once. */
  readonly after?: Promise<unknown> | undefined
}

/** A set or a map of names. */
type Names = Pick<ReadonlySet<string>, "has">

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
 * A name without a hash gets its new content at the end only: the release before needs the old one as long as this one
 * may fail.
 */
export class FilePublisher {
  readonly #config: StaticConfig
  readonly #names: Names
  readonly #publisher: Publisher
  readonly #compressor: Compressor
  readonly #count: SourceCount
  readonly #isPlain: (name: string) => boolean
  readonly #signal: AbortSignal | undefined
  readonly #held: HeldBytes
  readonly #later: { readonly bytes: number; readonly publish: () => Promise<void> }[] = []

  /** @param names all that are collected: a sibling that is among them is published as the file that it is */
  constructor(
    config: StaticConfig,
    names: Names,
    held: HeldBytes,
    publisher: Publisher,
    compressor: Compressor,
    count: SourceCount,
    signal: AbortSignal | undefined,
  ) {
    this.#config = config
    this.#names = names
    this.#held = held
    this.#publisher = publisher
    this.#compressor = compressor
    this.#count = count
    this.#signal = signal
    this.#isPlain = anyPattern(config.plain)
  }

  /** @returns the sizes of the siblings that were kept, in bytes */
  async publish({ name, published, isHashed, content, plainBytes, after }: FinalFile): Promise<Sizes> {
    const stored = await this.#stored(name, content)
    await after
    const alsoPlain = published !== name && this.#isPlain(name)
    this.#count.expect(alsoPlain ? [published, name] : [published])
    const both = [this.#publishAs(published, name, stored, isHashed)]
    if (alsoPlain) both.push(this.#publishPlain(name, content, stored, plainBytes))
    await allOf(both)
    const sizes: Sizes = {}
    for (const encoding of ENCODINGS) {
      const ending = SIBLING_ENDINGS[encoding]
      const sibling = stored.find((each) => each.ending === ending)
      if (sibling && !this.#names.has(published + ending)) sizes[encoding] = sibling.bytes.byteLength
    }
    return sizes
  }

  async #publishPlain(
    name: string,
    content: Content,
    stored: readonly Stored[],
    plainBytes: FinalFile["plainBytes"],
  ): Promise<void> {
    const plain = plainBytes ? contentOf(plainBytes) : content
    const same = plain.sha256 === content.sha256
    await this.#publishAs(name, name, same ? stored : await this.#stored(name, plain), false)
  }

  /** What was held back. After all files with a hash. @throws StaticError `collect-in-progress` */
  async publishHeld(): Promise<void> {
    if (this.#later.length > 0) await this.#publisher.checkAlone()
    const memory = new Memory()
    await pool(this.#later, this.#config.concurrency, ({ bytes, publish }) => memory.run(bytes, publish))
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
    if (!hashed && this.#publisher.mayReplace(target) && !files.every((file) => this.#publisher.isUnchanged(file))) {
      return this.#hold(target, files)
    }
    for (const file of files) await this.#store(file)
  }

  async #store(file: PublishedFile): Promise<void> {
    await this.#publisher.publish(file)
    // Also where it was stored before, of which no progress is told again.
    this.#count.stored(file.name)
  }

  async #hold(target: string, files: readonly PublishedFile[]): Promise<void> {
    const bytes = Math.max(...files.map((file) => file.bytes.byteLength))
    const held = await Promise.all(files.map((file) => holdFile(this.#held, file)))
    const leftover = this.#leftover(target, files)
    this.#later.push({ bytes, publish: () => this.#replace(held, leftover) })
  }

  async #replace(files: readonly HeldFile[], leftover: readonly string[]): Promise<void> {
    if (leftover.length > 0) await this.#publisher.discard(leftover)
    for (const { held, ...file } of files) {
      const bytes = await held.read()
      held.release()
      await this.#store({ ...file, bytes })
    }
  }

  /** Siblings that new content does not have: a server would go on sending them for it. */
  #leftover(target: string, files: readonly PublishedFile[]): readonly string[] {
    const isLeft = (name: string) =>
      this.#publisher.isListed(name) && !this.#names.has(name) && !files.some((file) => file.name === name)
    return ENCODINGS.map((encoding) => target + SIBLING_ENDINGS[encoding]).filter(isLeft)
  }
}

interface HeldFile extends Omit<PublishedFile, "bytes"> {
  readonly held: Held
}

async function holdFile(held: HeldBytes, { bytes, ...file }: PublishedFile): Promise<HeldFile> {
  return { ...file, held: await held.hold(file.name, bytes) }
}

function typeOf(name: string): string {
  return typeOfName(name) ?? OCTET_STREAM
}
