/**
 * Uploads in parts of the XML API: what is kept of them, and what becomes of it.
 * https://cloud.google.com/storage/docs/multipart-uploads
 */
import { randomBytes } from "node:crypto"
import { checkChecksums, type Checksums } from "./checksums.ts"
import type { Content, ContentFolder } from "./content.ts"
import { GcsError, invalid } from "./errors.ts"
import type { StoredObject } from "./object-store.ts"
import { receive, type Insert } from "./uploads.ts"

export const MOST_PARTS = 10_000
/** In bytes, of every part but the last. Held when the upload is completed. */
const SMALLEST_PART = 5 * 1024 * 1024

export interface StoredPart {
  readonly number: number
  readonly content: Content
  readonly modified: Date
}

/** A part as a completion names it. */
export interface NamedPart {
  readonly number: number
  readonly etag: string
}

export class MultipartUploads {
  readonly #uploads = new Map<string, MultipartUpload>()
  readonly #folder: ContentFolder
  readonly #now: () => Date

  constructor(folder: ContentFolder, now: () => Date) {
    this.#folder = folder
    this.#now = now
  }

  /** Answers the upload's id. */
  start(insert: Insert): string {
    const id = randomBytes(48).toString("base64url")
    this.#uploads.set(id, new MultipartUpload(insert, this.#folder, this.#now))
    return id
  }

  /** The upload of this object, or 404. */
  find(id: string, bucket: string, name: string): MultipartUpload {
    const upload = this.#uploads.get(id)
    if (upload?.insert.bucket.name === bucket && upload.insert.name === name) return upload
    const message = "The requested upload was not found."
    throw new GcsError(404, { reason: "notFound", message, code: "NoSuchUpload" })
  }

  /** The object that the upload has become. Nothing is changed when it throws. */
  async complete(id: string, upload: MultipartUpload, named: readonly NamedPart[]): Promise<StoredObject> {
    const object = await upload.assemble(named, () => this.find(id, upload.insert.bucket.name, upload.insert.name))
    this.#remove(id, upload)
    return object
  }

  abort(id: string, upload: MultipartUpload): void {
    this.#remove(id, upload)
  }

  #remove(id: string, upload: MultipartUpload): void {
    this.#uploads.delete(id)
    upload.release()
  }
}

export class MultipartUpload {
  readonly insert: Insert
  readonly #folder: ContentFolder
  readonly #now: () => Date
  readonly #parts = new Map<number, StoredPart>()
  #isGone = false

  constructor(insert: Insert, folder: ContentFolder, now: () => Date) {
    this.insert = insert
    this.#folder = folder
    this.#now = now
  }

  /** By their numbers. */
  get parts(): readonly StoredPart[] {
    return [...this.#parts.values()].toSorted((left, right) => left.number - right.number)
  }

  put(number: number, content: Content, checksums: readonly Checksums[]): void {
    try {
      checkChecksums(content, ...checksums)
      if (this.#isGone) {
        throw new GcsError(404, {
          reason: "notFound",
          message: "The upload ended while the part was sent.",
          code: "NoSuchUpload",
        })
      }
    } catch (error) {
      content.release()
      throw error
    }
    content.retain()
    this.#parts.get(number)?.content.release()
    this.#parts.set(number, { number, content, modified: this.#now() })
  }

  /** @param check throws where the upload has ended meanwhile */
  async assemble(named: readonly NamedPart[], check: () => void): Promise<StoredObject> {
    const parts = this.#chosen(named)
    const { bucket, name, metadata, isPublic } = this.insert
    const content = await receive(bytesOf(parts), this.#folder)
    try {
      check()
      return bucket.put(name, { content, metadata, isPublic, hasMd5: false }, {})
    } catch (error) {
      content.release()
      throw error
    }
  }

  release(): void {
    this.#isGone = true
    for (const { content } of this.#parts.values()) content.release()
    this.#parts.clear()
  }

  #chosen(named: readonly NamedPart[]): readonly StoredPart[] {
    return named.map(({ number, etag }, index) => {
      if (number <= (named[index - 1]?.number ?? 0)) {
        throw invalid("The list of parts was not in ascending order.", "InvalidPartOrder")
      }
      const part = this.#parts.get(number)
      if (!part || etagOfPart(part) !== etag) {
        throw invalid(`Part ${number} could not be found, or its entity tag is another one.`, "InvalidPart")
      }
      if (index < named.length - 1 && part.content.size < SMALLEST_PART) {
        throw invalid("Your proposed upload is smaller than the minimum allowed object size.", "EntityTooSmall")
      }
      return part
    })
  }
}

export function etagOfPart({ content }: StoredPart): string {
  return `"${Buffer.from(content.md5, "base64").toString("hex")}"`
}

async function* bytesOf(parts: readonly StoredPart[]): AsyncGenerator<Buffer> {
  for (const { content } of parts) yield* content.read() as AsyncIterable<Buffer>
}
