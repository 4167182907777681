interface Listed {
  readonly size: number
  readonly headers: Readonly<Record<string, string>>
}

const HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'

export function errorXml(code: string, message: string): string {
  return `${HEAD}<Error><Code>${code}</Code><Message>${message}</Message><RequestId>BENCH</RequestId></Error>`
}

/** @param keys as they stood in the request; none where it asked to be told of failures only */
export function deleteResult(keys: readonly string[]): string {
  const deleted = keys.map((key) => `<Deleted><Key>${key}</Key></Deleted>`).join("")
  return `${HEAD}<DeleteResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${deleted}</DeleteResult>`
}

/** The numbers of a CompleteMultipartUpload, in its order. */
export function partsOf(text: string): number[] {
  return [...text.matchAll(/<PartNumber>(\d+)<\/PartNumber>/g)].map(([, number]) => Number(number))
}

/** A page of ListObjectsV2. */
export function listResult(
  keys: readonly string[],
  objectOf: (key: string) => Listed,
  parameters: URLSearchParams | undefined,
): string {
  const get = (name: string) => parameters?.get(name) ?? ""
  const prefix = get("prefix")
  const delimiter = get("delimiter")
  const encode = get("encoding-type") === "url" ? encoded : escaped
  const after = get("continuation-token") || get("start-after")
  const most = Number(parameters?.get("max-keys") ?? 1000)
  const contents: string[] = []
  const prefixes = new Set<string>()
  let last = ""
  let truncated = false
  for (let at = firstFrom(keys, prefix, after); at < keys.length; at++) {
    const key = keys[at]!
    if (!key.startsWith(prefix)) break
    const folded = delimiter === "" ? -1 : key.indexOf(delimiter, prefix.length)
    const group = folded < 0 ? undefined : key.slice(0, folded + delimiter.length)
    if (group !== undefined && (prefixes.has(group) || after.startsWith(group))) continue
    if (contents.length + prefixes.size >= most) {
      truncated = true
      break
    }
    if (group === undefined) contents.push(entry(encode(key), objectOf(key)))
    else prefixes.add(group)
    last = key
  }
  const groups = [...prefixes].map((each) => `<CommonPrefixes><Prefix>${encode(each)}</Prefix></CommonPrefixes>`)
  return (
    `${HEAD}<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>bench</Name>` +
    `<Prefix>${encode(prefix)}</Prefix><KeyCount>${contents.length + prefixes.size}</KeyCount><MaxKeys>${most}</MaxKeys>` +
    (get("encoding-type") === "url" ? "<EncodingType>url</EncodingType>" : "") +
    (truncated ? `<NextContinuationToken>${escaped(last)}</NextContinuationToken>` : "") +
    `<IsTruncated>${truncated}</IsTruncated>${contents.join("")}${groups.join("")}</ListBucketResult>`
  )
}

/** The first key behind `after` that may have the prefix: by halving. */
function firstFrom(keys: readonly string[], prefix: string, after: string): number {
  const isBefore = (key: string) => (after !== "" && key <= after) || key < prefix
  let [low, high] = [0, keys.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (isBefore(keys[middle]!)) low = middle + 1
    else high = middle
  }
  return low
}

/** What one object looks like is written once: listings of 100,000 keys should not cost the server much. */
const entries = new WeakMap<object, string>()

function entry(key: string, object: Listed): string {
  let text = entries.get(object)
  if (text === undefined) {
    const { etag, "last-modified": modified } = object.headers
    const time = new Date(modified!).toISOString()
    text = `<LastModified>${time}</LastModified><ETag>${escaped(etag!)}</ETag><Size>${object.size}</Size><StorageClass>STANDARD</StorageClass></Contents>`
    entries.set(object, text)
  }
  return `<Contents><Key>${key}</Key>${text}`
}

function encoded(text: string): string {
  return encodeURIComponent(text).replaceAll("%2F", "/").replaceAll("%20", "+")
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;")
}
