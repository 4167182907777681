import { nearest } from "./check-options.ts"
import { type Duration, seconds } from "./duration.ts"
import { StorageError } from "./errors.ts"
import type { Storage } from "./storage.ts"

/** Makes a storage from a URL of an adapter's scheme. */
export type StorageUrlFactory = (url: URL) => Storage

const REGISTRY = Symbol.for("node-storages.schemes")

/** Shared by all installed copies of this package, so that an adapter can register with any of them. */
function registry(): Map<string, StorageUrlFactory> {
  const holder = globalThis as { [REGISTRY]?: Map<string, StorageUrlFactory> }
  return (holder[REGISTRY] ??= new Map())
}

/** The packages that register the well-known schemes, by the scheme: `{ s3: "@node-storages/s3", … }`. */
export const SCHEME_PACKAGES: Readonly<Record<string, string>> = {
  s3: "@node-storages/s3",
  gs: "@node-storages/gcs",
  azblob: "@node-storages/azure",
  file: "@node-storages/local",
  memory: "@node-storages/memory",
}

/** Registers an adapter's URL scheme (`"s3"`). Adapters do it when they are imported. */
export function registerScheme(scheme: string, factory: StorageUrlFactory): void {
  registry().set(scheme, factory)
}

/**
 * The storage that a URL describes, for configuration by environment:
 * `storageFromUrl(process.env.MEDIA_STORAGE_URL)` with `s3://bucket/location?region=eu-west-1`, `file:///srv/media`,
 * `memory:`. The adapter of the scheme must be imported; its options are the URL's query.
 * @throws StorageError `invalid-option` for a URL that is missing, malformed or of an unknown scheme; the message never
 * shows the URL's user or password
 */
export function storageFromUrl(url: string | URL | undefined): Storage {
  if (url === undefined || url === "") {
    throw new StorageError("invalid-option", "storageFromUrl() was given no URL: is the environment variable set?")
  }
  return makeFromUrl(url, "storageFromUrl()")
}

/**
 * The same, for a URL that came from somewhere.
 * @param subject what the messages begin with
 */
export function makeFromUrl(url: string | URL, subject: string): Storage {
  const invalid = (problem: string, cause?: unknown) =>
    new StorageError("invalid-option", `${subject}: ${problem}`, { cause })
  const text = String(url)
  // Windows' paths are URLs of a scheme with one letter.
  if (!URL.canParse(text) || /^[a-z]:/i.test(text)) {
    throw invalid(
      'this is no URL (it is not shown, as it may hold credentials). It looks like "s3://bucket/location?region=eu-west-1" or "file:///srv/media".',
    )
  }
  if (/^file:(?!\/)/i.test(text)) {
    throw invalid("a file: URL has the whole path, file:///srv/media; it knows no folder that it could be relative to.")
  }
  const parsed = new URL(url)
  const scheme = parsed.protocol.slice(0, -1)
  const factory = registry().get(scheme)
  if (!factory) throw invalid(noAdapter(scheme))
  try {
    return factory(parsed)
  } catch (error) {
    if (error instanceof URIError) {
      throw invalid("a % in the URL must be followed by two hexadecimal digits (%25 is a %).")
    }
    if (!StorageError.is(error)) throw error
    const message = withoutSecrets(error.message, parsed)
    const cause = message === error.message ? error : undefined
    throw new StorageError(error.code, `${subject}: ${message}`, { cause })
  }
}

/** The message without what may be a credential: user, password, and parameters that look as if they held some. */
function withoutSecrets(message: string, { username, password, searchParams }: URL): string {
  const parameters = [...searchParams.values()].filter((value) => /[@=]|:[^/]/.test(value))
  const secrets = [username, password, ...parameters].flatMap((secret) => [secret, decoded(secret)])
  return secrets.filter((secret) => secret !== "").reduce(withoutSecret, message)
}

/** A short one only where it stands by itself: a user who is called "me" is no part of "parameter". */
function withoutSecret(message: string, secret: string): string {
  if (!/^\w{1,8}$/.test(secret)) return message.replaceAll(secret, "…")
  return message.replace(new RegExp(`\\b${secret}\\b`, "g"), "…")
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function noAdapter(scheme: string): string {
  const known = [...registry().keys()]
  const suggestion = nearest(scheme, [...known, ...Object.keys(SCHEME_PACKAGES)])
  const wayOut = Object.hasOwn(SCHEME_PACKAGES, scheme)
    ? `Import "${SCHEME_PACKAGES[scheme]}" first: it registers the scheme.`
    : `${suggestion ? `Did you mean "${suggestion}:"? ` : ""}Registered are: ${known.join(", ") || "none"}.`
  return `no adapter for "${scheme}:" is registered. ${wayOut}`
}

/** What a parameter of a storage URL can be. A duration is seconds, or a number with a unit: `10m`. */
export interface QueryValues {
  readonly text: string
  readonly number: number
  readonly flag: boolean
  /** In seconds. */
  readonly duration: number
}

/** The parameters of an adapter's storage URLs, and what each is. */
export type QueryKinds = Readonly<Record<string, "text" | "number" | "flag" | "duration">>

/** The options that a storage URL's query gives. */
export type QueryOptions<Kinds extends QueryKinds> = { [Name in keyof Kinds]?: QueryValues[Kinds[Name]] }

/**
 * A storage URL's query as options, for adapters' factories.
 * @throws StorageError `invalid-option` for a parameter that is not known or not of its kind
 */
export function queryOptions<const Kinds extends QueryKinds>(url: URL, kinds: Kinds): QueryOptions<Kinds> {
  const options: Record<string, unknown> = {}
  for (const [name, value] of url.searchParams) {
    const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined
    if (kind === undefined) {
      const suggestion = nearest(name, Object.keys(kinds))
      throw new StorageError(
        "invalid-option",
        `A ${url.protocol} storage URL has no parameter "${name}". ` +
          (suggestion ? `Did you mean "${suggestion}"?` : `The parameters are: ${Object.keys(kinds).join(", ")}.`),
      )
    }
    options[name] = queryValue(name, value, kind)
  }
  return options as QueryOptions<Kinds>
}

function queryValue(name: string, value: string, kind: keyof QueryValues): QueryValues[keyof QueryValues] {
  const isNumber = value.trim() !== "" && Number.isFinite(Number(value))
  switch (kind) {
    case "text":
      return value
    case "duration":
      return seconds(isNumber ? Number(value) : (value as Duration), name)
    case "number":
      if (isNumber) return Number(value)
      throw new StorageError("invalid-option", `The storage URL's parameter "${name}" must be a number.`)
    case "flag":
      if (value === "true" || value === "false") return value === "true"
      throw new StorageError("invalid-option", `The storage URL's parameter "${name}" must be "true" or "false".`)
  }
}
