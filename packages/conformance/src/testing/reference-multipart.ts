import { createHash } from "node:crypto"
import {
  type DriverCallOptions,
  type DriverMultipart,
  encodeKey,
  type FileInfo,
  type MultipartOptions,
  type PartLimits,
  type SignedPartOptions,
  type SignedUpload,
  throwIfAborted,
  type UploadedPart,
} from "@node-storages/core"
import { BackendError } from "./backend-error.ts"
import type { ReferenceDriver } from "./reference-driver.ts"

interface StoredPart extends UploadedPart {
  readonly bytes: Uint8Array<ArrayBuffer>
}

export interface ReferenceUpload {
  readonly key: string
  readonly headers: Partial<FileInfo>
  /** In the order in which they arrived. */
  readonly parts: Map<number, StoredPart>
}

/** Uploads in parts of the reference driver, which its server takes. */
export class ReferenceMultipart implements DriverMultipart {
  readonly limits: PartLimits = { smallest: 4000, largest: 1_000_000, count: 100 }
  readonly uploads: Map<string, ReferenceUpload> = new Map()
  readonly #driver: ReferenceDriver
  #count = 0

  constructor(driver: ReferenceDriver) {
    this.#driver = driver
  }

  async start(key: string, options: MultipartOptions): Promise<string> {
    this.#driver.answer()
    const { contentType, cacheControl, contentDisposition, metadata } = options
    const id = `upload-${++this.#count}`
    this.uploads.set(id, {
      key,
      headers: { contentType, cacheControl, contentDisposition, metadata },
      parts: new Map(),
    })
    return id
  }

  async signPart(key: string, uploadId: string, number: number, options: SignedPartOptions): Promise<SignedUpload> {
    const server = this.#driver.options.server!
    const expiresAt = new Date(options.signedAt.getTime() + options.expiresIn * 1000)
    const url = server.sign("PUT", `${server.addressOf(this.#driver, "signed")}${encodeKey(key)}`, {
      policy: JSON.stringify({ size: options.size, part: { uploadId, number } }),
      expires: String(Math.floor(expiresAt.getTime() / 1000)),
    })
    return { method: "PUT", url, headers: {}, fields: {}, expiresAt }
  }

  async parts(key: string, uploadId: string, _options: DriverCallOptions): Promise<readonly UploadedPart[]> {
    const { parts } = this.upload(key, uploadId)
    return [...parts.values()]
      .map(({ number, size, etag }) => ({ number, size, etag }))
      .toSorted((a, b) => a.number - b.number)
  }

  async complete(
    key: string,
    uploadId: string,
    parts: readonly UploadedPart[],
    options: DriverCallOptions,
  ): Promise<FileInfo> {
    const upload = this.upload(key, uploadId)
    const stored = parts.map(({ number, etag }) => {
      const part = upload.parts.get(number)
      if (part?.etag !== etag) throw new BackendError("conflict")
      return part!.bytes
    })
    throwIfAborted(options.signal, "complete")
    this.uploads.delete(uploadId)
    return this.#driver.store(key, new Uint8Array(Buffer.concat(stored)), upload.headers)
  }

  async abort(key: string, uploadId: string, _options: DriverCallOptions): Promise<void> {
    if (this.uploads.get(uploadId)?.key === key) this.uploads.delete(uploadId)
  }

  /** What the server does with the body of a part. */
  receive(key: string, uploadId: string, number: number, bytes: Uint8Array<ArrayBuffer>): void {
    const etag = `"${createHash("md5").update(bytes).digest("hex")}"`
    const { parts } = this.upload(key, uploadId)
    parts.delete(number)
    parts.set(number, { number, size: bytes.byteLength, etag, bytes })
  }

  upload(key: string, uploadId: string): ReferenceUpload {
    this.#driver.answer()
    const upload = this.uploads.get(uploadId)
    if (upload?.key !== key) throw new BackendError("not-found")
    return upload
  }
}
