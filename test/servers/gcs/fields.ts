/** The parameter `fields`: which parts of an answer a client wants, such as `nextPageToken,items(name,metadata/color)`. */
import { GcsError } from "./errors.ts"

/** An empty one stands for everything below. */
interface Selection extends Map<string, Selection> {}

const KNOWN = new Set(
  `kind id selfLink mediaLink name bucket generation metageneration contentType storageClass size md5Hash cacheControl
   contentDisposition contentEncoding contentLanguage crc32c componentCount etag timeCreated updated customTime metadata
   timeStorageClassUpdated timeFinalized items prefixes nextPageToken totalBytesRewritten objectSize done rewriteToken
   resource owner acl timeDeleted temporaryHold eventBasedHold retentionExpirationTime kmsKeyName customerEncryption
   location locationType iamConfiguration uniformBucketLevelAccess enabled billing requesterPays cors versioning
   projectNumber labels *`.split(/\s+/),
)

export function selectFields(value: unknown, fields: string | null): unknown {
  return fields === null || fields === "" ? value : pick(value, parse(fields))
}

function pick(value: unknown, selection: Selection): unknown {
  if (selection.size === 0 || selection.has("*")) return value
  if (Array.isArray(value)) return value.map((each) => pick(each, selection))
  if (typeof value !== "object" || value === null) return value
  const wanted = Object.entries(value).filter(([name]) => selection.has(name))
  return Object.fromEntries(wanted.map(([name, inner]) => [name, pick(inner, selection.get(name)!)]))
}

function parse(fields: string): Selection {
  const tokens = fields.replaceAll(/\s/g, "").match(/[,()/]|[^,()/]+/g) ?? []
  let position = 0
  const next = (wanted: string): boolean => tokens[position] === wanted && ++position > 0

  const parseList = (parent: string): Selection => {
    const selection: Selection = new Map()
    do parsePath(parent, selection)
    while (next(","))
    return selection
  }
  const parsePath = (parent: string, into: Selection): void => {
    const name = tokens[position++] ?? ""
    // The keys of custom metadata are free.
    if (!KNOWN.has(name) && (parent !== "metadata" || /^[,()/]?$/.test(name))) wrong(name)
    const inner: Selection = into.get(name) ?? new Map()
    into.set(name, inner)
    if (next("/")) parsePath(name, inner)
    else if (next("(")) {
      for (const [key, value] of parseList(name)) inner.set(key, value)
      if (!next(")")) wrong(fields)
    }
  }
  const selection = parseList("")
  return position === tokens.length ? selection : wrong(fields)
}

function wrong(field: string): never {
  const message = `Invalid field selection ${field}`
  throw new GcsError(400, { reason: "invalidParameter", message, code: "InvalidArgument" })
}
