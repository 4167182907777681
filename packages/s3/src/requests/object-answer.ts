import type { HeadAnswer } from "./object-requests.ts"

type Texts = {
  -readonly [Name in keyof HeadAnswer as HeadAnswer[Name] extends string | undefined ? Name : never]?: string
}

const TEXTS: Readonly<Record<string, keyof Texts>> = {
  etag: "ETag",
  "cache-control": "CacheControl",
  "content-disposition": "ContentDisposition",
  "content-encoding": "ContentEncoding",
  "content-language": "ContentLanguage",
  "content-range": "ContentRange",
  "content-type": "ContentType",
  "x-amz-server-side-encryption": "ServerSideEncryption",
  "x-amz-server-side-encryption-customer-algorithm": "SSECustomerAlgorithm",
}

const METADATA = "x-amz-meta-"

/** What an answer's headers say of an object, as the official client tells it. */
export function objectAnswer(headers: Readonly<Record<string, string>>): HeadAnswer {
  const texts: Texts = {}
  const metadata: Record<string, string> = {}
  for (const name in headers) {
    const member = TEXTS[name]
    if (member !== undefined) texts[member] = headers[name]!
    else if (name.startsWith(METADATA)) metadata[name.slice(METADATA.length)] = headers[name]!
  }
  const length = headers["content-length"]
  const modified = headers["last-modified"]
  const time = modified === undefined ? undefined : new Date(modified)
  return {
    ...(texts as HeadAnswer),
    Metadata: metadata,
    ...(length !== undefined && { ContentLength: Number(length) }),
    ...(time && !Number.isNaN(time.getTime()) && { LastModified: time }),
  }
}
