import { fileURLToPath } from "node:url"
import { driverOf } from "@node-storages/core"
import { allOf } from "../all-of.ts"
import { type CompressionStats, Compressor } from "../compression/compressor.ts"
import type { StaticConfig } from "../define-static.ts"
import { isOwnName } from "../publishing/own-names.ts"
import { reserved } from "../publishing/publish-errors.ts"
import { Publisher, type PublishReport } from "../publishing/publisher.ts"
import { checkOutside, type DuplicateFile, foldersOf, gather } from "../sources/index.ts"
import type { ReferenceProblem } from "../static-error.ts"
import { type CollectProgress, SourceCount } from "./collect-progress.ts"
import { HeldBytes } from "./held-bytes.ts"
import { FilePublisher } from "./publish-file.ts"
import { readTexts } from "./read-texts.ts"
import { Release } from "./release.ts"
import { unresolvedReferences } from "./unresolved.ts"

/** How one run of `collect` goes about it; what it collects is the StaticConfig's. */
export interface CollectOptions {
  /** Does everything but write. Default: false. */
  readonly dryRun?: boolean | undefined
  /** References that lead nowhere are an error. False: they are reported, and left as they are. Default: true. */
  readonly strict?: boolean | undefined
  /** Goes on as if there were no manifest where the old one can't be read. Default: false. */
  readonly ignoreOldManifest?: boolean | undefined
  readonly signal?: AbortSignal | undefined
  /** Called after each file that was stored, or found to be there. What it throws ends the collect. */
  readonly onProgress?: ((progress: CollectProgress) => void) | undefined
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
  /** What went wrong without being a reason to fail: the cache of compressed files can't be written. */
  readonly warnings: readonly string[]
}

/**
 * Publishes the static files of an app in one pass: every source file is read once and written once, under a name with
 * the hash of its content, what is referred to before what refers to it, and the manifest last. Nothing is written
 * before all references are known to lead somewhere, and what is published already is not written again.
 *
 * @throws StaticError, or what the storage throws; the previous release is whole then
 */
export async function collect(config: StaticConfig, options: CollectOptions = {}): Promise<CollectReport> {
  await checkPlaces(config)
  const held = new HeldBytes()
  try {
    return await collectHolding(held, config, options)
  } finally {
    await held.dispose()
  }
}

async function collectHolding(held: HeldBytes, config: StaticConfig, options: CollectOptions): Promise<CollectReport> {
  const { dryRun, ignoreOldManifest, onProgress, signal } = options
  const { concurrency, manifest, storage } = config
  const warnings: string[] = []
  const compressor = compressorOf(config, (message) => warnings.push(message))
  const count = new SourceCount()
  const refused = new AbortController()
  const [{ gathered, byName, linked }, publisher] = await allOf([
    prepare(held, config, options).catch((error: unknown) => {
      refused.abort()
      throw error
    }),
    // The target is listed meanwhile, as long as there is nothing wrong with the sources.
    Publisher.open(
      storage,
      {
        concurrency,
        dryRun,
        ignoreOldManifest,
        manifest,
        onProgress(published) {
          count.stored(published.name)
          onProgress?.({ ...published, collected: count.collected, total: count.total })
        },
        signal,
      },
      signal ? AbortSignal.any([signal, refused.signal]) : refused.signal,
    ),
  ])
  count.total = gathered.files.length
  const files = new FilePublisher(config, byName, held, publisher, compressor, count, signal)
  const release = new Release(config, files)
  await release.addFiles(gathered.files.filter(({ name }) => !linked.names.has(name)))
  await release.addTexts(linked.groups)
  await files.publishHeld()
  const published = await publisher.finish(release.manifest(gathered.files))
  // What is new in the cache takes the place of something old.
  if (compressor.stats.cacheMisses > 0) await compressor.sweep()
  return {
    files: gathered.files.length,
    published,
    problems: linked.problems,
    duplicates: gathered.duplicates,
    ignored: gathered.ignored.map(({ name }) => name),
    compression: compressor.stats,
    warnings,
  }
}

/** All that there is to collect. @throws StaticError where a reference leads nowhere */
async function prepare(held: HeldBytes, config: StaticConfig, { signal, strict = true }: CollectOptions) {
  const { ignore, manifest, sources } = config
  const gathered = await gather(sources, { ignore, signal })
  for (const { name, origin } of gathered.files) if (isOwnName(name, manifest)) throw reserved(name, origin)
  const byName = new Map(gathered.files.map((file) => [file.name, file]))
  const linked = await readTexts(byName, held, config)
  const errors = linked.problems.filter(({ warning }) => !warning)
  if (strict && errors.length > 0) throw unresolvedReferences(errors)
  return { gathered, byName, linked }
}

/** A target below a source would be collected again and again. */
async function checkPlaces({ storage, sources }: StaticConfig): Promise<void> {
  const target = driverOf(storage)?.target
  if (target?.startsWith("file:")) await checkOutside(await foldersOf(sources), fileURLToPath(target))
}

function compressorOf(
  { cacheFolder, compress, contentEncoding }: StaticConfig,
  onWarning: (message: string) => void,
): Compressor {
  return new Compressor({
    encodings: contentEncoding === undefined ? compress : [contentEncoding],
    onWarning,
    ...(cacheFolder !== undefined && { cacheFolder }),
  })
}
