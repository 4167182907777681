import { pool } from "@node-storages/core/adapter"
import type { StaticConfig } from "../define-static.ts"
import type { Manifest, ManifestEntry } from "../manifest.ts"
import { anyPattern } from "../name-pattern.ts"
import type { SourceFile } from "../source.ts"
import { type Content, contentHash, contentOf, hashedName } from "./content-hash.ts"
import { type FinalText, finishGroup } from "./group-text.ts"
import { integrityOf } from "./integrity.ts"
import { Memory } from "./memory.ts"
import type { FilePublisher, FinalFile } from "./publish-file.ts"
import type { LinkedText } from "./read-texts.ts"

/** Files that it loads by itself, whatever happens. */
const IMPORTS: ReadonlySet<string> = new Set(["css-import", "js-import"])

/** The files of one collect, as they are named and published: what is referred to before what refers to it. */
export class Release {
  readonly #publisher: FilePublisher
  readonly #concurrency: number
  readonly #isUnhashed: (name: string) => boolean
  /** Of all files that have their names, be they stored yet or not. */
  readonly #entries = new Map<string, ManifestEntry>()

  constructor({ concurrency, unhashed }: StaticConfig, publisher: FilePublisher) {
    this.#publisher = publisher
    this.#concurrency = concurrency
    this.#isUnhashed = anyPattern(unhashed)
  }

  /** Files that refer to nothing: read, named and published one by one, so that memory holds a few of them only. */
  async addFiles(files: readonly SourceFile[]): Promise<void> {
    const memory = new Memory()
    await pool(files, this.#concurrency, (file) =>
      memory.read(file, async (bytes) => {
        const content = contentOf(bytes)
        this.#enter(file, this.#nameOf(file, contentHash(content)), content, file.imports ?? [])
        await this.#publish(file, content)
      }),
    )
  }

  /**
   * In an order in which what a text refers to comes before it. It gets its name when all that it refers to has one, is
   * compressed, and is stored when all that it refers to is. The first has nothing to wait for, so that places that wait
   * can't stop each other.
   * @param groups are taken out of the set, so that a text that was published needs no memory any more
   */
  async addTexts(groups: Set<readonly LinkedText[]>): Promise<void> {
    const memory = new Memory()
    const begun = new Map<string, { readonly named: Promise<void>; readonly stored: Promise<void> }>()
    await pool(takeOut(groups), this.#concurrency, async (group) => {
      const targets = new Set(group.flatMap(({ links }) => links.map(({ target }) => target)))
      const before = [...targets].flatMap((target) => begun.get(target) ?? [])
      const bytes = group.reduce((sum, { held }) => sum + held.size, 0)
      const naming = Promise.withResolvers<void>()
      const stored = memory.run(bytes, async () => {
        await Promise.all(before.map((target) => target.named))
        const texts = await this.#nameGroup(group)
        naming.resolve()
        await this.#publishGroup(texts, Promise.all(before.map((target) => target.stored)))
      })
      stored.catch(naming.reject)
      // Heard by whoever refers to this group, if anybody does.
      naming.promise.catch(() => {})
      for (const { file } of group) begun.set(file.name, { named: naming.promise, stored })
      await stored
    })
  }

  async #nameGroup(group: readonly LinkedText[]): Promise<readonly FinalText[]> {
    const open = await Promise.all(group.map(async (text) => ({ text, bytes: await text.held.read() })))
    for (const { held } of group) held.release()
    const texts = finishGroup(open, (name) => this.#entries.get(name)!, this.#nameOf)
    for (const { text, published, content } of texts) this.#enter(text.file, published, content, importsOf(text))
    return texts
  }

  async #publishGroup(texts: readonly FinalText[], after: Promise<unknown>): Promise<void> {
    // Heard when a file is to be stored, if it comes to that.
    after.catch(() => {})
    for (const text of texts) {
      await this.#publish(text.text.file, text.content, { after, plainBytes: plainBytesOf(text) })
    }
  }

  readonly #nameOf = ({ name, hashed }: SourceFile, hash: string): string =>
    hashed || this.#isUnhashed(name) ? name : hashedName(name, hash)

  #enter({ name, styles = [] }: SourceFile, published: string, content: Content, imports: readonly string[]): void {
    this.#entries.set(name, {
      name: published,
      size: content.bytes.byteLength,
      integrity: integrityOf(content),
      ...(imports.length > 0 && { imports }),
      ...(styles.length > 0 && { styles }),
    })
  }

  /** Publishes a file that has its name. */
  async #publish(
    { name, hashed }: SourceFile,
    content: Content,
    more: Pick<FinalFile, "after" | "plainBytes"> = {},
  ): Promise<void> {
    const entry = this.#entries.get(name)!
    const isHashed = hashed === true || entry.name !== name
    const encodings = await this.#publisher.publish({ name, published: entry.name, content, isHashed, ...more })
    if (Object.keys(encodings).length > 0) this.#entries.set(name, { ...entry, encodings })
  }

  manifest(files: readonly SourceFile[]): Manifest {
    const named = files.flatMap(({ name, aliases = [] }) =>
      [name, ...aliases].map((each) => [each, this.#entries.get(name)!] as const),
    )
    return { version: 1, files: Object.fromEntries(named) }
  }
}

/** The items in order, each of which leaves the set. */
function* takeOut<Item>(items: Set<Item>): Generator<Item, void, undefined> {
  for (const item of items) {
    items.delete(item)
    yield item
  }
}

/** What the plain name gets of a text with references, where that is not the final text. */
function plainBytesOf({ text: { file, links }, bytes }: FinalText): Uint8Array | undefined {
  // A page is asked for under its plain name: that one refers to the new files too.
  const isPage = /\.html?$/i.test(file.name)
  return links.length > 0 && !isPage ? bytes : undefined
}

function importsOf({ links, file }: LinkedText): string[] {
  const targets = links
    .filter(({ kind, target }) => IMPORTS.has(kind) && target !== file.name)
    .map(({ target }) => target)
  return [...new Set(targets)]
}
