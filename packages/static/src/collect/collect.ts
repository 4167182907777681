import { fileURLToPath } from "node:url"
import { pool } from "@node-storages/core/adapter"
import { type CompressionStats, Compressor } from "../compression/compressor.ts"
import type { StaticConfig } from "../define-static.ts"
import type { Manifest, ManifestEntry } from "../manifest.ts"
import { Publisher, type PublishOptions, type PublishReport } from "../publishing/publisher.ts"
import { driverOf } from "../publishing/target.ts"
import { readerOf } from "../references/index.ts"
import type { SourceFile } from "../source.ts"
import { checkOutside, type DuplicateFile, foldersOf, gather } from "../sources/index.ts"
import { type ReferenceProblem, StaticError } from "../static-error.ts"
import { type Content, contentHash, contentOf, hashedName, integrityOf } from "./content-hash.ts"
import { type FinalText, finishGroup, type LinkedText } from "./group-text.ts"
import { groupsInOrder, levelsOf } from "./groups.ts"
import { type FinalFile, FilePublisher } from "./publish-file.ts"
import { resolveReferences } from "./resolve.ts"
import { readTextFile } from "./text-file.ts"

export interface CollectOptions {
  /** Does everything but write. Default: false. */
  readonly dryRun?: boolean | undefined
  /** References that lead nowhere are an error. False: they are reported, and left as they are. Default: true. */
  readonly strict?: boolean | undefined
  readonly signal?: AbortSignal | undefined
  /** Called after each file that was stored, or found to be there. What it throws ends the collect. */
  readonly onProgress?: PublishOptions["onProgress"]
}

/** What a collect did, as JSON. */
export interface CollectReport {
  /** Files of the sources that were collected. */
  readonly files: number
  readonly published: PublishReport
  /** References that lead nowhere: warnings, and errors where `strict` is false. */
  readonly problems: readonly ReferenceProblem[]
  readonly duplicates: readonly DuplicateFile[]
  /** Names that were left out. */
  readonly ignored: readonly string[]
  readonly compression: CompressionStats
}

/**
 * Publishes the static files of an app in one pass: every source file is read once and written once, under a name with
 * the hash of its content, what is referred to before what refers to it, and the manifest last. Nothing is written
 * before all references are known to lead somewhere, and what is published already is not written again.
 *
 * @throws StaticError, or what the storage throws; the previous release is whole then
 */
export async function collect(config: StaticConfig, options: CollectOptions = {}): Promise<CollectReport> {
  const { dryRun = false, strict = true, signal, onProgress } = options
  const { concurrency, ignore, sources, storage } = config
  await checkPlaces(config)
  const gathered = await gather(sources, { ignore, signal })
  const names = new Set(gathered.files.map(({ name }) => name))

  const { texts, problems } = await readTexts(gathered.files, names, config)
  const errors = problems.filter(({ warning }) => !warning)
  if (strict && errors.length > 0) throw unresolved(errors)

  const compressor = new Compressor({
    encodings: config.compress,
    ...(config.cacheFolder !== undefined && { cacheFolder: config.cacheFolder }),
  })
  const publisher = await Publisher.open(storage, { concurrency, dryRun, signal, onProgress })
  const files = new FilePublisher(config, publisher, compressor, signal)
  const entries = new Map<string, ManifestEntry>()
  const publish = async (file: FinalFile, imports: readonly string[] = []) => {
    const encodings = await files.publish(file)
    entries.set(file.name, {
      name: file.published,
      size: file.content.bytes.byteLength,
      integrity: integrityOf(file.content),
      ...(Object.keys(encodings).length > 0 && { encodings }),
      ...(imports.length > 0 && { imports }),
    })
  }

  // What refers to nothing: read, named and published one after the other, so that memory holds a few of them only.
  const leaves = gathered.files.filter(({ name }) => !texts.has(name))
  await pool(leaves, concurrency, async (file) => {
    const content = contentOf(await file.read())
    await publish({ name: file.name, published: nameOfLeaf(file, content), content })
  })

  const publishedName = (name: string) => entries.get(name)!.name
  const linksOf = (name: string) => texts.get(name)!.links.flatMap(({ target }) => (texts.has(target) ? [target] : []))
  for (const level of levelsOf(groupsInOrder(texts.keys(), linksOf), linksOf)) {
    await pool(level, concurrency, async (group) => {
      const members = group.map((name) => texts.get(name)!)
      for (const text of finishGroup(members, publishedName)) {
        const source = texts.get(text.name)!
        await publish(finalFile(text, source), importsOf(source))
      }
    })
  }

  const published = await publisher.finish(manifestOf(gathered.files, entries))
  return {
    files: gathered.files.length,
    published,
    problems,
    duplicates: gathered.duplicates,
    ignored: gathered.ignored.map(({ name }) => name),
    compression: compressor.stats,
  }
}

/** A target below a source would be collected again and again. */
async function checkPlaces({ storage, sources }: StaticConfig): Promise<void> {
  const target = driverOf(storage)?.target
  if (target?.startsWith("file:")) await checkOutside(await foldersOf(sources), fileURLToPath(target))
}

async function readTexts(
  files: readonly SourceFile[],
  names: ReadonlySet<string>,
  { base, concurrency }: StaticConfig,
): Promise<{ texts: ReadonlyMap<string, LinkedText>; problems: readonly ReferenceProblem[] }> {
  const texts = new Map<string, LinkedText>()
  const problems: ReferenceProblem[] = []
  const readable = files.filter(({ name, hashed }) => !hashed && readerOf(name) !== undefined)
  await pool(readable, concurrency, async (file) => {
    const text = await readTextFile(file, readerOf(file.name)!)
    const resolved = resolveReferences(text, names, base)
    texts.set(file.name, { ...text, links: resolved.links })
    problems.push(...resolved.problems)
  })
  const inOrder = (a: ReferenceProblem, b: ReferenceProblem) =>
    a.file === b.file ? a.line - b.line || a.column - b.column : a.file < b.file ? -1 : 1
  return { texts, problems: problems.toSorted(inOrder) }
}

/** A bundler's name has a hash already. */
function nameOfLeaf({ name, hashed }: SourceFile, content: Content): string {
  return hashed ? name : hashedName(name, contentHash(content))
}

/** A page is asked for under its plain name: that one refers to the new files too. */
function finalFile(final: FinalText, { text, encode }: LinkedText): FinalFile {
  const isPage = /\.html?$/.test(final.name)
  return isPage ? final : { ...final, plainBytes: () => encode(text) }
}

const IMPORTS = new Set(["css-import", "js-import"])

function importsOf({ links, file }: LinkedText): string[] {
  const targets = links
    .filter(({ kind, target }) => IMPORTS.has(kind) && target !== file.name)
    .map(({ target }) => target)
  return [...new Set(targets)]
}

function manifestOf(files: readonly SourceFile[], entries: ReadonlyMap<string, ManifestEntry>): Manifest {
  const named = files.flatMap(({ name, aliases = [] }) =>
    [name, ...aliases].map((each) => [each, entries.get(name)!] as const),
  )
  return { version: 1, files: Object.fromEntries(named) }
}

const MOST_SHOWN = 20

function unresolved(problems: readonly ReferenceProblem[]): StaticError {
  const shown = problems
    .slice(0, MOST_SHOWN)
    .map(({ file, line, column, reference, reason }) => `  ${file}:${line}:${column} ${reference}: ${reason}`)
  const more = problems.length > MOST_SHOWN ? [`  and ${problems.length - MOST_SHOWN} more`] : []
  return new StaticError(
    "unresolved-references",
    [
      `${problems.length} reference${problems.length === 1 ? " leads" : "s lead"} nowhere. Nothing was published. ` +
        "Mend them, add the missing files, or collect with strict: false, which leaves them as they are:",
      ...shown,
      ...more,
    ].join("\n"),
    { problems },
  )
}
