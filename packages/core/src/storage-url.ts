import { nearest } from "./check-options.ts"
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

/** The packages that register the well-known schemes. */
const PACKAGES: Readonly<Record<string, string>> = {
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
  if (typeof url === "string" && !URL.canParse(url)) {
    throw new StorageError(
      "invalid-option",
      `storageFromUrl(): this is no URL (it is not shown, as it may hold credentials). It looks like "s3://bucket/location?region=eu-west-1" or "file:///srv/media".`,
    )
  }
  const parsed = new URL(url)
  const scheme = parsed.protocol.slice(0, -1)
  const factory = registry().get(scheme)
  if (factory) return factory(parsed)
  const known = [...registry().keys()]
  const suggestion = nearest(scheme, [...known, ...Object.keys(PACKAGES)])
  const wayOut = PACKAGES[scheme]
    ? `Import "${PACKAGES[scheme]}" first: it registers the scheme.`
    : `${suggestion ? `Did you mean "${suggestion}:"? ` : ""}Registered are: ${known.join(", ") || "none"}.`
  throw new StorageError("invalid-option", `storageFromUrl(): no adapter for "${scheme}:" is registered. ${wayOut}`)
}

/** The parameters of an adapter's storage URLs, and what each is. */
export type QueryKinds = Readonly<Record<string, "text" | "number" | "flag">>
/** The options that a storage URL's query gives. */
export type QueryOptions<Kind extends QueryKinds> = {
  [Name in keyof Kind]?: Kind[Name] extends "number" ? number : Kind[Name] extends "flag" ? boolean : string
}

/**
 * A storage URL's query as options, for adapters' factories.
 * @throws StorageError `invalid-option` for a parameter that is not known or not of its kind
 */
export function queryOptions<const Kind extends QueryKinds>(url: URL, kinds: Kind): QueryOptions<Kind> {
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
    if (kind === "number" && !(value !== "" && Number.isFinite(Number(value)))) {
      throw new StorageError("invalid-option", `The storage URL's parameter "${name}" must be a number.`)
    }
    if (kind === "flag" && value !== "true" && value !== "false") {
      throw new StorageError("invalid-option", `The storage URL's parameter "${name}" must be "true" or "false".`)
    }
    options[name] = kind === "number" ? Number(value) : kind === "flag" ? value === "true" : value
  }
  return options as QueryOptions<Kind>
}
