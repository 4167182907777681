import { hash } from "node:crypto"
import type { IncomingMessage } from "node:http"
import { filledName } from "./cheap-fill.ts"
import { deleteResult, errorXml, listResult, partsOf } from "./cheap-xml.ts"

/** From this size on bytes are counted and forgotten. */
const KEPT = 1024 * 1024
const PATTERN = Buffer.alloc(KEPT, "0123456789abcdef")

/** The bytes of an answer: kept ones, or a pattern of so many. */
interface Body {
  readonly size: number
  readonly bytes: Buffer | undefined
  chunks(): Iterable<Buffer>
}

export interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Body
}

interface StoredObject {
  readonly size: number
  readonly bytes: Buffer | undefined
  readonly headers: Readonly<Record<string, string>>
}

interface Upload {
  readonly headers: Readonly<Record<string, string>>
  readonly parts: Map<number, { readonly size: number; readonly etag: string }>
}

class Bucket {
  readonly objects: Map<string, StoredObject> = new Map()
  readonly uploads: Map<string, Upload> = new Map()
  #sorted: string[] | undefined

  /** In the order of their bytes. ASCII is what benchmarks name their objects with. */
  get keys(): readonly string[] {
    return (this.#sorted ??= [...this.objects.keys()].toSorted())
  }

  set(key: string, object: StoredObject): void {
    if (!this.objects.has(key)) this.#sorted = undefined
    this.objects.set(key, object)
  }

  delete(key: string): void {
    if (this.objects.delete(key)) this.#sorted = undefined
  }

  /** All of them are one object: what they take is their names. @returns how many there were before */
  fill(count: number): number {
    const before = this.objects.size
    const bytes = Buffer.from("x")
    const headers = { etag: `"${hash("md5", bytes)}"`, "last-modified": new Date().toUTCString() }
    const object = { size: 1, bytes, headers }
    if (before !== count) for (let number = 0; number < count; number++) this.set(filledName(number), object)
    return before
  }
}

const NOT_FOUND: Answer = xml(404, errorXml("NoSuchKey", "The specified key does not exist."))
let uploads = 0

/** Buckets in memory, by the rules of S3 as far as the benchmarks go. A bucket is there when it is first named. */
export class CheapBuckets {
  readonly #buckets: Map<string, Bucket> = new Map()

  async answer(request: IncomingMessage): Promise<Answer> {
    const [path, query = ""] = request.url!.split("?") as [string, string?]
    const [, name, ...segments] = path.split("/")
    const key = decodeURIComponent(segments.join("/"))
    const parameters = query === "" ? undefined : new URLSearchParams(query)
    const bucket = this.#bucket(name!)
    if (key === "") return this.#onBucket(bucket, request, parameters)
    switch (request.method) {
      case "PUT":
        return this.#put(bucket, key, request, parameters)
      case "POST":
        return this.#post(bucket, key, request, parameters)
      case "DELETE":
        if (parameters?.has("uploadId")) bucket.uploads.delete(parameters.get("uploadId")!)
        else bucket.delete(key)
        return { status: 204 }
      default:
        if (parameters?.has("uploadId")) return NOT_FOUND
        return this.#get(bucket.objects.get(key), request.headers.range)
    }
  }

  #bucket(name: string): Bucket {
    let bucket = this.#buckets.get(name)
    if (!bucket) this.#buckets.set(name, (bucket = new Bucket()))
    return bucket
  }

  async #onBucket(bucket: Bucket, request: IncomingMessage, parameters: URLSearchParams | undefined): Promise<Answer> {
    const count = request.method === "POST" && parameters?.get("fill")
    if (count) return { status: 200, body: String(bucket.fill(Number(count))) }
    if (request.method === "POST" && parameters?.has("delete")) {
      const text = (await read(request, Infinity)).bytes!.toString()
      const keys = Array.from(text.matchAll(/<Key>([^<]*)<\/Key>/g), ([, key]) => key!)
      for (const key of keys) bucket.delete(unescape(key))
      return xml(200, deleteResult(text.includes("<Quiet>true</Quiet>") ? [] : keys))
    }
    if (request.method === "GET")
      return xml(
        200,
        listResult(bucket.keys, (key) => bucket.objects.get(key)!, parameters),
      )
    await read(request, 0)
    return { status: 200 }
  }

  async #put(
    bucket: Bucket,
    key: string,
    request: IncomingMessage,
    parameters: URLSearchParams | undefined,
  ): Promise<Answer> {
    const source = request.headers["x-amz-copy-source"]
    const { size, bytes, digest } = await read(request, KEPT)
    const etag = `"${digest}"`
    if (parameters?.has("partNumber")) {
      const told = request.headers["x-amz-content-sha256"] ?? ""
      // Of bytes that are kept only: comparing large parts would cost the server more than storing them.
      if (bytes && /^[0-9a-f]{64}$/.test(String(told)) && hash("sha256", bytes) !== told) {
        return xml(400, errorXml("XAmzContentSHA256Mismatch", "The provided header does not match what was computed."))
      }
      bucket.uploads.get(parameters.get("uploadId")!)?.parts.set(Number(parameters.get("partNumber")), { size, etag })
      return { status: 200, headers: { etag } }
    }
    if (source !== undefined) return this.#copy(bucket, key, String(source))
    if (request.headers["if-none-match"] === "*" && bucket.objects.has(key)) {
      return xml(412, errorXml("PreconditionFailed", "At least one of the preconditions you specified did not hold."))
    }
    bucket.set(key, { size, bytes, headers: headersOf(request, etag) })
    return { status: 200, headers: { etag } }
  }

  #copy(bucket: Bucket, key: string, source: string): Answer {
    const [from, ...segments] = decodeURIComponent(source).replace(/^\//, "").split("/")
    const object = this.#bucket(from!).objects.get(segments.join("/"))
    if (!object) return NOT_FOUND
    bucket.set(key, object)
    const { etag, "last-modified": modified } = object.headers
    const time = new Date(modified!).toISOString()
    return xml(200, `<CopyObjectResult><ETag>${etag}</ETag><LastModified>${time}</LastModified></CopyObjectResult>`)
  }

  async #post(
    bucket: Bucket,
    key: string,
    request: IncomingMessage,
    parameters: URLSearchParams | undefined,
  ): Promise<Answer> {
    const body = await read(request, Infinity)
    if (parameters?.has("uploads")) {
      const id = `upload-${++uploads}`
      bucket.uploads.set(id, { headers: headersOf(request, ""), parts: new Map() })
      return xml(
        200,
        `<InitiateMultipartUploadResult><Key>x</Key><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`,
      )
    }
    const upload = bucket.uploads.get(parameters?.get("uploadId") ?? "")
    if (!upload) return xml(404, errorXml("NoSuchUpload", "The specified upload does not exist."))
    bucket.uploads.delete(parameters!.get("uploadId")!)
    const numbers = partsOf(body.bytes!.toString())
    const digests = Buffer.concat(
      numbers.map((number) => Buffer.from(upload.parts.get(number)!.etag.slice(1, -1), "hex")),
    )
    const etag = `"${hash("md5", digests)}-${numbers.length}"`
    const size = numbers.reduce((sum, number) => sum + upload.parts.get(number)!.size, 0)
    bucket.set(key, { size, bytes: undefined, headers: { ...upload.headers, etag } })
    return xml(200, `<CompleteMultipartUploadResult><ETag>${etag}</ETag></CompleteMultipartUploadResult>`)
  }

  #get(object: StoredObject | undefined, range: string | undefined): Answer {
    if (!object) return NOT_FOUND
    const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(range ?? "") ?? []
    if (from === undefined) return { status: 200, headers: object.headers, body: bodyOf(object, 0, object.size) }
    const start = Number(from)
    if (start >= object.size) return xml(416, errorXml("InvalidRange", "The requested range is not satisfiable"))
    const end = to ? Math.min(Number(to) + 1, object.size) : object.size
    const headers = { ...object.headers, "content-range": `bytes ${start}-${end - 1}/${object.size}` }
    return { status: 206, headers, body: bodyOf(object, start, end) }
  }
}

function bodyOf({ bytes }: StoredObject, start: number, end: number): Body {
  const size = end - start
  return {
    size,
    bytes: bytes?.subarray(start, end),
    *chunks() {
      for (let left = size; left > 0; left -= PATTERN.byteLength) yield PATTERN.subarray(0, Math.min(left, KEPT))
    },
  }
}

const KEPT_HEADERS = /^(content-type|content-encoding|content-disposition|cache-control|x-amz-meta-.*)$/

function headersOf(request: IncomingMessage, etag: string): Record<string, string> {
  const headers: Record<string, string> = { etag, "last-modified": new Date().toUTCString(), "accept-ranges": "bytes" }
  for (const name in request.headers) if (KEPT_HEADERS.test(name)) headers[name] = String(request.headers[name])
  return headers
}

function xml(status: number, text: string): Answer {
  return { status, headers: { "content-type": "application/xml" }, body: text }
}

/** The body of a request: kept below a size, always counted and digested (unless the client told its MD5). */
async function read(
  request: IncomingMessage,
  kept: number,
): Promise<{ size: number; bytes: Buffer | undefined; digest: string }> {
  const chunks: Buffer[] = []
  let size = 0
  const chunked = request.headers["x-amz-decoded-content-length"] !== undefined
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.byteLength
    if (size < kept || chunked) chunks.push(chunk)
  }
  const raw = size < kept || chunked ? (chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)) : undefined
  const bytes = raw && chunked ? withoutFrames(raw) : raw
  return { size: bytes?.byteLength ?? size, bytes, digest: digestOf(request, bytes, size) }
}

/**
 * The MD5, as S3 has it. Of bytes that were not kept it is what the client has told (which S3 would check); a client
 * that told none gets a tag of the right form: who could tell is not measured here.
 */
function digestOf(request: IncomingMessage, bytes: Buffer | undefined, size: number): string {
  const told = request.headers["content-md5"]
  if (told !== undefined) return Buffer.from(String(told), "base64").toString("hex")
  return hash("md5", bytes ?? String(size))
}

/** The data of an `aws-chunked` body: `size;signature\r\ndata\r\n`, until a size of 0 and its trailers. */
function withoutFrames(raw: Buffer): Buffer {
  const pieces: Buffer[] = []
  for (let at = 0; at < raw.byteLength;) {
    const line = raw.indexOf("\r\n", at)
    const size = Number.parseInt(raw.toString("latin1", at, line), 16)
    if (!(size > 0)) break
    pieces.push(raw.subarray(line + 2, line + 2 + size))
    at = line + 2 + size + 2
  }
  return Buffer.concat(pieces)
}

function unescape(text: string): string {
  return text
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&apos;", "'")
    .replaceAll("&amp;", "&")
}
