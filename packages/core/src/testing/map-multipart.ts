import { throwIfAborted } from "../call.ts"
import type {
  DriverCallOptions,
  DriverMultipart,
  MultipartOptions,
  PartLimits,
  PutBody,
  SignedPartOptions,
  SignedUpload,
  UploadedPart,
} from "../driver.ts"
import type { FileInfo } from "../file-info.ts"
import type { StorageErrorCode } from "../errors.ts"

interface StoredPart extends UploadedPart {
  readonly bytes: Uint8Array
}

interface Upload {
  readonly key: string
  readonly headers: Partial<FileInfo>
  readonly parts: Map<number, StoredPart>
}

/** What the uploads need of the driver that they belong to. */
export interface MapHost {
  begin(member: string, keys: readonly string[], options: unknown): void
  store(key: string, bytes: Uint8Array, headers: Partial<FileInfo>): FileInfo
  error(meaning: StorageErrorCode): Error
}

/** Uploads in parts on a Map. A class with state, so that a lost `this` shows. */
export class MapMultipart implements DriverMultipart {
  readonly limits: PartLimits = { smallest: 3, largest: 10, count: 20 }
  readonly uploads: Map<string, Upload> = new Map()
  readonly #host: MapHost

  constructor(host: MapHost) {
    this.#host = host
  }

  async start(key: string, options: MultipartOptions): Promise<string> {
    this.#host.begin("multipart.start", [key], options)
    const { contentType, cacheControl, contentDisposition, metadata } = options
    const id = `upload-${this.uploads.size + 1}`
    const headers = { contentType, cacheControl, contentDisposition, metadata }
    this.uploads.set(id, { key, headers, parts: new Map() })
    return id
  }

  async signPart(key: string, uploadId: string, number: number, options: SignedPartOptions): Promise<SignedUpload> {
    this.#host.begin("multipart.signPart", [key], options)
    const expiresAt = new Date(options.signedAt.getTime() + options.expiresIn * 1000)
    const url = `https://upload.test/${key}?upload=${uploadId}&part=${number}&size=${options.size}`
    return { method: "PUT", url, headers: {}, fields: {}, expiresAt }
  }

  async parts(key: string, uploadId: string, options: DriverCallOptions): Promise<readonly UploadedPart[]> {
    this.#host.begin("multipart.parts", [key], options)
    const parts = [...this.#upload(key, uploadId).parts.values()].toSorted((a, b) => a.number - b.number)
    return parts.map(({ number, size, etag }) => ({ number, size, etag }))
  }

  async complete(
    key: string,
    uploadId: string,
    parts: readonly UploadedPart[],
    options: DriverCallOptions,
  ): Promise<FileInfo> {
    this.#host.begin("multipart.complete", [key], options)
    const upload = this.#upload(key, uploadId)
    const stored = parts.map(({ number, etag }) => {
      const part = upload.parts.get(number)
      if (part?.etag !== etag) throw this.#host.error("conflict")
      return part!.bytes
    })
    this.uploads.delete(uploadId)
    return this.#host.store(key, Buffer.concat(stored), upload.headers)
  }

  async abort(key: string, uploadId: string, options: DriverCallOptions): Promise<void> {
    this.#host.begin("multipart.abort", [key], options)
    if (this.uploads.get(uploadId)?.key === key) this.uploads.delete(uploadId)
  }

  async storePart(
    key: string,
    uploadId: string,
    number: number,
    body: PutBody,
    options: DriverCallOptions,
  ): Promise<UploadedPart> {
    this.#host.begin("multipart.storePart", [key], options)
    const upload = this.#upload(key, uploadId)
    const bytes = Uint8Array.from(body.bytes ?? Buffer.concat(await Array.fromAsync(body.stream())))
    throwIfAborted(options.signal, "storePart")
    const part = { number, size: bytes.byteLength, etag: `"${Buffer.from(bytes).toString("hex")}"` }
    upload.parts.set(number, { ...part, bytes })
    return part
  }

  #upload(key: string, uploadId: string): Upload {
    const upload = this.uploads.get(uploadId)
    if (upload?.key !== key) throw this.#host.error("not-found")
    return upload
  }
}
