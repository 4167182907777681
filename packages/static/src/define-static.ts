import { driverOf, type OptionNames, type Storage } from "@node-storages/core"
import { wholeNumber } from "@node-storages/core/adapter"
import type { Encoding } from "./manifest.ts"
import { DEFAULT_IGNORE, type SourceOption, sourcesOf } from "./sources/index.ts"
import type { StaticSource } from "./source.ts"
import { checkPattern } from "./name-pattern.ts"
import { manifestName } from "./publishing/own-names.ts"
import { DEFAULT_CONCURRENCY } from "./publishing/publisher.ts"
import { checked, checkKnown } from "./option-checks.ts"
import { StaticError } from "./static-error.ts"

/** An app's static files: where they come from, what is done to them, and where they go. */
export interface StaticOptions {
  /** Where the files are published: a folder behind a web server, or a bucket behind a CDN. */
  readonly storage: Storage
  /** Where they come from, the first source that has a name wins: folders, packages, a bundler's output. */
  readonly sources: readonly SourceOption[]
  /** Patterns of names that are left out, beside a few that nobody wants (`DEFAULT_IGNORE`). Default: none. */
  readonly ignore?: readonly string[] | undefined
  /** Compressed siblings that are published beside a file where they save something. Default: `["br", "gzip"]`. */
  readonly compress?: false | readonly Encoding[] | undefined
  /**
   * For buckets behind a CDN that does not look for siblings: one object per file, compressed so where it saves
   * something, with this `Content-Encoding`. Every browser takes `"gzip"`. Default: none, siblings instead.
   */
  readonly contentEncoding?: Encoding | undefined
  /** Where compressed bytes are kept between runs; false for nowhere. Default: below `node_modules/.cache`. */
  readonly cacheFolder?: string | false | undefined
  /**
   * Files that are published under their plain names as well: all, none, or patterns. Scripts that make up URLs at run
   * time need them, and `favicon.ico`. Default: true.
   */
  readonly plain?: boolean | readonly string[] | undefined
  /**
   * Patterns of files that keep their names: service workers, whose URL is what browsers know them by. They are cached for
   * a minute, and replaced last. Default: none.
   */
  readonly unhashed?: readonly string[] | undefined
  /** Patterns of files that are published byte for byte, whatever they refer to. Default: none. */
  readonly verbatim?: readonly string[] | undefined
  /** `Cache-Control` by pattern of the name, before the usual ones. Default: none. */
  readonly cacheControl?: Readonly<Record<string, string>> | undefined
  /** The path under which the files are served, `"/static/"`: absolute references below it are rewritten too. */
  readonly base?: string | undefined
  /** The name of the manifest in the storage. Default: `"staticfiles.json"`. */
  readonly manifest?: string | undefined
  /** Files under way at once. Default: 32. */
  readonly concurrency?: number | undefined
}

const SIBLINGS: readonly Encoding[] = ["br", "gzip"]

const STATIC_OPTIONS: OptionNames<StaticOptions> = {
  storage: true,
  sources: true,
  ignore: true,
  compress: true,
  contentEncoding: true,
  cacheFolder: true,
  plain: true,
  unhashed: true,
  verbatim: true,
  cacheControl: true,
  base: true,
  manifest: true,
  concurrency: true,
}

/** Checked, and with defaults. */
export interface StaticConfig {
  readonly storage: Storage
  readonly sources: readonly StaticSource[]
  readonly ignore: readonly string[]
  readonly compress: readonly Encoding[]
  readonly contentEncoding: Encoding | undefined
  readonly cacheFolder: string | false | undefined
  readonly plain: boolean | readonly string[]
  readonly unhashed: readonly string[]
  readonly verbatim: readonly string[]
  readonly cacheControl: Readonly<Record<string, string>>
  readonly base: string | undefined
  readonly manifest: string
  readonly concurrency: number
}

/** What static files an app has, and where they go: for `collect`, `findStatic` and the command line. */
export function defineStatic(options: StaticOptions): StaticConfig {
  checkKnown("defineStatic()", options, STATIC_OPTIONS)
  const { storage, base, plain = true } = options
  if (typeof storage?.write !== "function") {
    throw new StaticError(
      "invalid-option",
      "defineStatic(): storage must be a storage: new LocalStorage(…), new S3Storage(…).",
    )
  }
  if (base !== undefined && !/^\/(?:.*\/)?$/.test(base)) {
    throw new StaticError(
      "invalid-option",
      `defineStatic(): base ${JSON.stringify(base)} must be a path with slashes at both ends: "/static/".`,
    )
  }
  return {
    storage,
    sources: sourcesOf(options.sources),
    ignore: [...DEFAULT_IGNORE, ...patternsOf("ignore", options.ignore)],
    ...compressionOf(options),
    cacheFolder: options.cacheFolder,
    plain: typeof plain === "boolean" ? plain : patternsOf("plain", plain),
    unhashed: patternsOf("unhashed", options.unhashed),
    verbatim: patternsOf("verbatim", options.verbatim),
    cacheControl: options.cacheControl ?? {},
    base,
    manifest: manifestName(options.manifest),
    concurrency: checked(() =>
      wholeNumber("defineStatic(): concurrency", options.concurrency ?? DEFAULT_CONCURRENCY, 1, 1000),
    ),
  }
}

/** One way of compression, where any. */
function compressionOf({ storage, compress, contentEncoding }: StaticOptions): {
  compress: readonly Encoding[]
  contentEncoding: Encoding | undefined
} {
  if (contentEncoding === undefined)
    return { compress: compress === false ? [] : (compress ?? SIBLINGS), contentEncoding }
  if (compress !== undefined && compress !== false) {
    throw new StaticError(
      "invalid-option",
      `defineStatic(): compress ${JSON.stringify(compress)} makes siblings, and contentEncoding ` +
        `${JSON.stringify(contentEncoding)} one compressed object instead. Give one of the two.`,
    )
  }
  const target = driverOf(storage)?.target
  if (target?.startsWith("file:")) {
    throw new StaticError(
      "invalid-option",
      `defineStatic(): contentEncoding ${JSON.stringify(contentEncoding)} is a header that a bucket keeps with the file. ` +
        `A web server in front of ${target} would not send it: use compress, for siblings.`,
    )
  }
  return { compress: [], contentEncoding }
}

function patternsOf(option: string, given: readonly string[] = []): readonly string[] {
  if (!Array.isArray(given)) {
    throw new StaticError(
      "invalid-option",
      `defineStatic(): ${option} ${JSON.stringify(given)} must be a list of patterns: ["vendor/**", "*.map"].`,
    )
  }
  for (const pattern of given) checkPattern(`defineStatic(): ${option}`, pattern)
  return given
}
