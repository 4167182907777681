import { pool, WorkLimit } from "@node-storages/core/adapter"
import type { StaticConfig } from "../define-static.ts"
import type { Manifest, ManifestEntry } from "../manifest.ts"
import { anyPattern } from "../name-pattern.ts"
import type { SourceFile } from "../source.ts"
import { BYTES_AT_ONCE } from "./bytes-at-once.ts"
import { type Content, contentHash, contentOf, hashedName } from "./content-hash.ts"
import { finishGroup } from "./group-text.ts"
import { integrityOf } from "./integrity.ts"
import type { FilePublisher } from "./publish-file.ts"
import type { LinkedText, LinkedTexts } from "./read-texts.ts"

/** Files that it loads by itself, whatever happens. */
const IMPORTS: ReadonlySet<string> = new Set(["css-import", "js-import"])

/** The files of one collect, as they are named and published: what is referred to before what refers to it. */
export class Release {
  readonly #publisher: FilePublisher
  readonly #concurrency: number
  readonly #isUnhashed: (name: string) => boolean
  readonly #entries = new Map<string, ManifestEntry>()

  constructor({ concurrency, unhashed }: StaticConfig, publisher: FilePublisher) {
    this.#publisher = publisher
    this.#concurrency = concurrency
    this.#isUnhashed = anyPattern(unhashed)
  }

  /** Files that refer to nothing: read, named and published one by one, so that memory holds a few of them only. */
  async addFiles(files: readonly SourceFile[]): Promise<void> {
    const memory = new WorkLimit(Infinity, BYTES_AT_ONCE, "collect")
    await pool(files, this.#concurrency, async (file) => {
      let leave = (): void => {}
      try {
        const content = contentOf(await file.read(async (bytes) => void (leave = await memory.enter(bytes))))
        await this.#add(file, this.#nameOf(file, contentHash(content)), content)
      } finally {
        leave()
      }
    })
  }

  /**
   * After all that they refer to beside each other. A text waits for these only, not for all of the level below: whoever
   * comes first in this order has nothing to wait for, so that places that wait can't stop each other.
   */
  async addTexts({ levels }: LinkedTexts): Promise<void> {
    const stored = new Map<string, Promise<unknown>>()
    await pool(levels.flat(), this.#concurrency, async (group) => {
      const before = new Set(group.flatMap(({ links }) => links.flatMap(({ target }) => stored.get(target) ?? [])))
      const storing = Promise.all(before).then(() => this.#addGroup(group))
      for (const { file } of group) stored.set(file.name, storing)
      await storing
    })
  }

  async #addGroup(group: readonly LinkedText[]): Promise<void> {
    const targetOf = (name: string) => this.#entries.get(name)!
    for (const { text, published, content } of finishGroup(group, targetOf, this.#nameOf)) {
      await this.#add(text.file, published, content, text)
    }
  }

  readonly #nameOf = ({ name, hashed }: SourceFile, hash: string): string =>
    hashed || this.#isUnhashed(name) ? name : hashedName(name, hash)

  async #add(file: SourceFile, published: string, content: Content, text?: LinkedText): Promise<void> {
    const { name, hashed, styles = [] } = file
    // A page is asked for under its plain name: that one refers to the new files too.
    const isPage = /\.html?$/i.test(name)
    const encodings = await this.#publisher.publish({
      name,
      published,
      content,
      isHashed: hashed === true || published !== name,
      ...(text !== undefined && text.links.length > 0 && !isPage && { plainBytes: () => text.encode(text.text) }),
    })
    const imports = text === undefined ? (file.imports ?? []) : importsOf(text)
    this.#entries.set(name, {
      name: published,
      size: content.bytes.byteLength,
      integrity: integrityOf(content),
      ...(Object.keys(encodings).length > 0 && { encodings }),
      ...(imports.length > 0 && { imports }),
      ...(styles.length > 0 && { styles }),
    })
  }

  manifest(files: readonly SourceFile[]): Manifest {
    const named = files.flatMap(({ name, aliases = [] }) =>
      [name, ...aliases].map((each) => [each, this.#entries.get(name)!] as const),
    )
    return { version: 1, files: Object.fromEntries(named) }
  }
}

function importsOf({ links, file }: LinkedText): string[] {
  const targets = links
    .filter(({ kind, target }) => IMPORTS.has(kind) && target !== file.name)
    .map(({ target }) => target)
  return [...new Set(targets)]
}
