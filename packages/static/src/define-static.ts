import { type OptionNames, type Storage } from "@node-storages/core"
import { wholeNumber } from "@node-storages/core/adapter"
import type { Encoding } from "./manifest.ts"
import { DEFAULT_IGNORE, type SourceOption, sourcesOf } from "./sources/index.ts"
import type { StaticSource } from "./source.ts"
import { checked, checkKnown } from "./option-checks.ts"
import { StaticError } from "./static-error.ts"

export interface StaticOptions {
  /** Where the files are published: a folder behind a web server, or a bucket behind a CDN. */
  readonly storage: Storage
  /** Where they come from, the first source that has a name wins: folders, packages, a bundler's output. */
  readonly sources: readonly SourceOption[]
  /** Patterns of names that are left out, beside a few that nobody wants (`DEFAULT_IGNORE`). Default: none. */
  readonly ignore?: readonly string[] | undefined
  /** Compressed siblings that are published beside a file where they save something. Default: `["br", "gzip"]`. */
  readonly compress?: false | readonly Encoding[] | undefined
  /** Where compressed bytes are kept between runs; false for nowhere. Default: below `node_modules/.cache`. */
  readonly cacheFolder?: string | false | undefined
  /**
   * Files that are published under their plain names as well: all, none, or patterns. Scripts that make up URLs at run
   * time need them, and `favicon.ico`. Default: true.
   */
  readonly plain?: boolean | readonly string[] | undefined
  /** `Cache-Control` by pattern of the name, before the usual ones. Default: none. */
  readonly cacheControl?: Readonly<Record<string, string>> | undefined
  /** The path under which the files are served, `"/static/"`: absolute references below it are rewritten too. */
  readonly base?: string | undefined
  /** Files under way at once. Default: 16. */
  readonly concurrency?: number | undefined
}

const STATIC_OPTIONS: OptionNames<StaticOptions> = {
  storage: true,
  sources: true,
  ignore: true,
  compress: true,
  cacheFolder: true,
  plain: true,
  cacheControl: true,
  base: true,
  concurrency: true,
}

/** Checked, and with defaults. */
export interface StaticConfig {
  readonly storage: Storage
  readonly sources: readonly StaticSource[]
  readonly ignore: readonly string[]
  readonly compress: readonly Encoding[]
  readonly cacheFolder: string | false | undefined
  readonly plain: boolean | readonly string[]
  readonly cacheControl: Readonly<Record<string, string>>
  readonly base: string | undefined
  readonly concurrency: number
}

/** What static files an app has, and where they go: for `collect`, `findStatic` and the command line. */
export function defineStatic(options: StaticOptions): StaticConfig {
  checkKnown("defineStatic()", options, STATIC_OPTIONS)
  const { storage, base, compress = ["br", "gzip"] } = options
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
    ignore: [...DEFAULT_IGNORE, ...(options.ignore ?? [])],
    compress: compress === false ? [] : compress,
    cacheFolder: options.cacheFolder,
    plain: options.plain ?? true,
    cacheControl: options.cacheControl ?? {},
    base,
    concurrency: checked(() => wholeNumber("defineStatic(): concurrency", options.concurrency ?? 16, 1, 1000)),
  }
}
