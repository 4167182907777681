import {
  checkOptions,
  type Duration,
  type FileInfo,
  type OptionNames,
  seconds,
  type Storage,
  StorageError,
} from "@node-storages/core"
import picomatch from "picomatch"
import { checkedOrigins } from "./origins.ts"

/** A content coding of which a compressed twin may lie beside a file. */
export type Encoding = "br" | "zstd" | "gzip"

/** What `authorize` answers with: let through, 403, or this answer: 401 with `www-authenticate`, 302 to a login. */
export type Verdict =
  | boolean
  | {
      readonly status: number
      readonly headers?: Readonly<Record<string, string>> | undefined
      /** Plain text. Default: the status in words. */
      readonly body?: string | undefined
    }

/** Values of `Cache-Control` by patterns (picomatch); one without a slash is matched against the last segment. */
export type CacheControlPatterns = Readonly<Record<string, string>>

/** How much of the files is kept in memory, and for how long unasked. */
export interface MemoryCacheOptions {
  /** The most bytes that are kept, of all files together. Default: 64 MiB. */
  readonly maxBytes?: number | undefined
  /** Larger files are not kept. In bytes. Default: 256 KiB. */
  readonly maxFileBytes?: number | undefined
  /** How long a file is taken to be unchanged; then the storage is asked. Default: 1 second. */
  readonly freshFor?: Duration | undefined
}

/** Who sends the bytes. */
export type Delivery =
  /** The handler. */
  | "proxy"
  /** The service, by a redirect to `storage.url()`: bytes don't pass through the app. HEAD is answered here. */
  | "redirect"
  /** nginx, from an `internal` location: `{ accelRedirect: "/internal/media/" }` */
  | { readonly accelRedirect: string }
  /** Apache (mod_xsendfile) or lighttpd, from a folder: `{ sendfile: "/srv/media" }` */
  | { readonly sendfile: string }

/** How the files of a storage are served. Every option has a default. */
export interface ServeOptions<Native = Request> {
  /** The path below which files are asked for: `"/media/"`. Default: `"/"`; frameworks that mount take theirs off. */
  readonly prefix?: string | undefined
  /**
   * Whether this request may have this file; also asked for names of no file, so that a refusal tells nothing. Requests
   * with a valid signature are let through without. What it throws is answered with 500.
   */
  readonly authorize?: ((request: Native, name: string) => Verdict | Promise<Verdict>) | undefined
  /**
   * `Cache-Control`: for all files, by patterns, or by a function; undefined leaves it to what the file was stored with.
   * Default without either: `no-cache` (ask, and be answered with 304), or for ever for immutable names.
   */
  readonly cacheControl?:
    | string
    | CacheControlPatterns
    | ((name: string, info: FileInfo) => string | undefined)
    | undefined
  /** Names that change with their content, as `collect` makes them (`app.3f9a1c0b2d4e.css`) with true. Default: false. */
  readonly immutable?: boolean | RegExp | ((name: string) => boolean) | undefined
  /** Compressed twins (`app.css.br`, `.zst`, `.gz`) to look for, the best liked first; true: all. Default: false. */
  readonly precompressed?: boolean | readonly Encoding[] | undefined
  /** The file that is sent for a path that ends with a slash: `"index.html"`. Default: none. */
  readonly index?: string | undefined
  /** Whether names with a segment that begins with a dot are served; `.well-known/` always is. Default: false. */
  readonly dotfiles?: boolean | undefined
  /**
   * Whether all content is the app's own. Default: false: what could run scripts (HTML, SVG, XML and all that is not
   * known to be harmless) is sent with `Content-Security-Policy: sandbox`.
   */
  readonly trusted?: boolean | undefined
  /** Origins whose pages may read files and send signed uploads: `["https://www.example.com"]`, or `"*"`. Default: none. */
  readonly allowOrigins?: "*" | readonly string[] | undefined
  /** More headers, or others, for each answer with a file: it must depend on the file only. */
  readonly headers?: ((name: string, info: FileInfo) => Readonly<Record<string, string>>) | undefined
  /** Who sends the bytes. Default: `"proxy"`. */
  readonly delivery?: Delivery | undefined
  /** Small files are kept in memory; true takes the defaults. Default: false, each request asks the storage. */
  readonly cache?: boolean | MemoryCacheOptions | undefined
  /** Told of errors that were answered with 5xx, or broke a body off. Default: `console.error`. */
  readonly onError?: ((error: unknown, request: Native) => void) | undefined
}

const OPTIONS: OptionNames<ServeOptions> = {
  prefix: true,
  authorize: true,
  cacheControl: true,
  immutable: true,
  precompressed: true,
  index: true,
  dotfiles: true,
  trusted: true,
  allowOrigins: true,
  headers: true,
  delivery: true,
  cache: true,
  onError: true,
}

/** What static files are served with: `serveStorage(staticStorage, { ...STATIC_FILES })`. */
export const STATIC_FILES: Readonly<
  Pick<ServeOptions, "trusted" | "immutable" | "precompressed" | "allowOrigins" | "cache">
> = {
  trusted: true,
  immutable: true,
  precompressed: true,
  // Fonts, modules and what is fetched from the cookieless domain of the assets: all of it is public.
  allowOrigins: "*",
  cache: true,
}

/** Of the names of compressed twins. */
export const SUFFIXES: Readonly<Record<Encoding, string>> = { br: ".br", zstd: ".zst", gzip: ".gz" }

const ENCODINGS: readonly Encoding[] = ["br", "zstd", "gzip"]
/** Twelve hexadecimal digits before the extensions: `app.3f9a1c0b2d4e.min.js`. */
const HASHED_NAME = /(?:^|\/)[^/]*\.[\da-f]{12}(?:\.[^/]*)?$/
const MIB = 1024 * 1024

/** The options, checked and with their defaults. */
export interface Settings {
  readonly prefix: string
  readonly cacheControl: (name: string, info: FileInfo) => string | undefined
  readonly isImmutable: (name: string) => boolean
  readonly encodings: readonly Encoding[]
  readonly index: string | undefined
  readonly dotfiles: boolean
  readonly trusted: boolean
  readonly allowOrigins: "*" | ReadonlySet<string>
  readonly headers: ServeOptions["headers"]
  readonly delivery: Delivery
  readonly cache: { readonly maxBytes: number; readonly maxFileBytes: number; readonly freshFor: number } | undefined
}

/** @throws StorageError `invalid-option` */
export function settingsOf<Native>(storage: Storage, options: ServeOptions<Native>, subject: string): Settings {
  checkOptions(subject, options, OPTIONS)
  const { prefix = "/", index, delivery = "proxy", precompressed = false } = options
  if (typeof prefix !== "string" || !prefix.startsWith("/")) {
    throw invalid(subject, `prefix must be a path, like "/media/", not ${JSON.stringify(prefix)}`)
  }
  if (index !== undefined && (typeof index !== "string" || index === "" || index.includes("/"))) {
    throw invalid(subject, `index must be the name of a file, like "index.html", not ${JSON.stringify(index)}`)
  }
  if (delivery === "redirect" && storage.checkSigned !== undefined) {
    throw invalid(
      subject,
      'delivery "redirect" would lead back here: the URLs of this storage are served by this handler. Use "proxy"',
    )
  }
  const encodings = precompressed === true ? ENCODINGS : precompressed === false ? [] : precompressed
  const unknown = encodings.find((each) => !ENCODINGS.includes(each))
  if (unknown !== undefined) {
    throw invalid(subject, `precompressed knows ${ENCODINGS.join(", ")}, and not ${JSON.stringify(unknown)}`)
  }
  const { allowOrigins = [] } = options
  return {
    prefix: prefix.endsWith("/") ? prefix : `${prefix}/`,
    cacheControl: cacheControlRule(options.cacheControl, subject),
    isImmutable: nameRule(options.immutable ?? false),
    encodings,
    index,
    dotfiles: options.dotfiles ?? false,
    trusted: options.trusted ?? false,
    allowOrigins: allowOrigins === "*" ? "*" : checkedOrigins(allowOrigins, subject),
    headers: options.headers,
    delivery: checkedDelivery(delivery, subject),
    cache: cacheSettings(options.cache ?? false, subject),
  }
}

function cacheSettings(cache: boolean | MemoryCacheOptions, subject: string): Settings["cache"] {
  if (cache === false) return undefined
  const given = cache === true ? {} : cache
  checkOptions(`${subject} cache`, given, { maxBytes: true, maxFileBytes: true, freshFor: true })
  const { maxBytes = 64 * MIB, maxFileBytes = MIB / 4, freshFor = 1 } = given
  for (const [name, value] of Object.entries({ maxBytes, maxFileBytes })) {
    if (Number.isSafeInteger(value) && value >= 0) continue
    throw invalid(subject, `cache.${name} must be a whole number of bytes, not ${value}`)
  }
  return { maxBytes, maxFileBytes, freshFor: seconds(freshFor, `${subject} cache.freshFor`) * 1000 }
}

function nameRule(rule: boolean | RegExp | ((name: string) => boolean)): (name: string) => boolean {
  if (typeof rule === "function") return rule
  if (rule === false) return () => false
  const pattern = rule === true ? HASHED_NAME : new RegExp(rule.source, rule.flags.replace(/[gy]/g, ""))
  return (name) => pattern.test(name)
}

function cacheControlRule(given: ServeOptions["cacheControl"], subject: string): Settings["cacheControl"] {
  if (typeof given === "function") return given
  if (typeof given !== "object") {
    if (given !== undefined) checkHeaderValue(given, "cacheControl", subject)
    return () => given
  }
  const rules = Object.entries(given).map(([pattern, value]) => {
    checkHeaderValue(value, `cacheControl of ${JSON.stringify(pattern)}`, subject)
    const matches = picomatch(pattern, { dot: true, basename: !pattern.includes("/"), nonegate: true })
    return { matches, value }
  })
  return (name) => rules.find(({ matches }) => matches(name))?.value
}

function checkHeaderValue(value: unknown, what: string, subject: string): void {
  if (typeof value === "string" && /^[\x20-\x7e]+$/.test(value)) return
  throw invalid(subject, `${what} must be the text of a header, like "no-cache", not ${JSON.stringify(value)}`)
}

function checkedDelivery(delivery: Delivery, subject: string): Delivery {
  if (delivery === "proxy" || delivery === "redirect") return delivery
  const [[name, path] = [], ...rest] = Object.entries(delivery ?? {})
  const isKnown = (name === "accelRedirect" || name === "sendfile") && rest.length === 0
  if (isKnown && typeof path === "string" && path.startsWith("/")) return delivery
  throw invalid(
    subject,
    'delivery must be "proxy", "redirect", { accelRedirect: "/internal/" } or { sendfile: "/srv/media" }, ' +
      `not ${JSON.stringify(delivery)}`,
  )
}

function invalid(subject: string, problem: string): StorageError {
  return new StorageError("invalid-option", `${subject}: ${problem}.`)
}
