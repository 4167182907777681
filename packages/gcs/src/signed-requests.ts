import {
  type SignedPartOptions,
  type SignedUpload,
  type SignedUploadOptions,
  type SignedUrlOptions,
  StorageError,
} from "@node-storages/core"
import { encodeMetadata } from "@node-storages/core/adapter"
import type { Connection } from "./connection.ts"
import type { GCSSettings } from "./gcs-options.ts"
import { signPolicy, signUrl, type Signer } from "./signature.ts"
import { createSigner } from "./signer.ts"

/** The service's limit on a signature's life, in seconds. */
const LONGEST_EXPIRY = 7 * 24 * 3600

/** The ACLs by the names that the XML API has for them. */
const XML_ACLS = {
  authenticatedRead: "authenticated-read",
  bucketOwnerFullControl: "bucket-owner-full-control",
  bucketOwnerRead: "bucket-owner-read",
  private: "private",
  projectPrivate: "project-private",
  publicRead: "public-read",
} as const

export function xmlAcl({ predefinedAcl }: GCSSettings): string | undefined {
  return predefinedAcl && XML_ACLS[predefinedAcl]
}

/** Signs URLs and uploads by the client's account, which is looked up once. */
export class SignedRequests {
  readonly #connection: Connection
  #signer: Promise<Signer> | undefined

  constructor(connection: Connection) {
    this.#connection = connection
  }

  async url(key: string, { signedAt, expiresIn, contentDisposition, contentType }: SignedUrlOptions): Promise<string> {
    return signUrl(await this.#currentSigner(), {
      method: "GET",
      base: this.#bucketUrl(),
      key,
      signedAt,
      expiresIn: this.#checkedExpiry(expiresIn),
      query: {
        ...(contentDisposition !== undefined && { "response-content-disposition": contentDisposition }),
        ...(contentType !== undefined && { "response-content-type": contentType }),
        ...this.#userProject(),
      },
    })
  }

  /** PUT, unless a largest size asks for a form upload, whose policy holds a range of sizes for any browser. */
  async upload(key: string, options: SignedUploadOptions): Promise<SignedUpload> {
    const { signedAt, contentType, cacheControl, contentDisposition, metadata = {}, size, maxSize } = options
    if (size !== undefined && maxSize !== undefined && size > maxSize) {
      throw new StorageError("invalid-option", `signedUpload(): size ${size} is more than maxSize ${maxSize}.`)
    }
    const signer = await this.#currentSigner()
    const { settings } = this.#connection
    const expiresIn = this.#checkedExpiry(options.expiresIn)
    const expiresAt = new Date(signedAt.getTime() + expiresIn * 1000)
    const acl = xmlAcl(settings)
    const common = {
      "content-type": contentType,
      ...(cacheControl !== undefined && { "cache-control": cacheControl }),
      ...(contentDisposition !== undefined && { "content-disposition": contentDisposition }),
      ...Object.fromEntries(
        Object.entries(encodeMetadata(metadata)).map(([name, value]) => [`x-goog-meta-${name}`, value]),
      ),
    }
    if (maxSize === undefined || size !== undefined) {
      const headers = {
        ...common,
        ...(acl !== undefined && { "x-goog-acl": acl }),
        ...(size !== undefined && { "x-goog-content-length-range": `${size},${size}` }),
      }
      const request = { base: this.#bucketUrl(), key, signedAt, expiresIn, headers, query: this.#userProject() }
      return {
        method: "PUT",
        url: await signUrl(signer, { method: "PUT", ...request }),
        headers,
        fields: {},
        expiresAt,
      }
    }
    const fields = await signPolicy(signer, {
      bucket: settings.bucket,
      fields: { key, ...common, ...(acl !== undefined && { acl }) },
      conditions: [["content-length-range", 0, maxSize]],
      signedAt,
      expiresIn,
    })
    return { method: "POST", url: `${this.#bucketUrl()}/`, headers: {}, fields, expiresAt }
  }

  /** The header that holds the part to its size is signed too: the browser must send it. */
  async part(key: string, uploadId: string, number: number, options: SignedPartOptions): Promise<SignedUpload> {
    const { signedAt, size } = options
    const expiresIn = this.#checkedExpiry(options.expiresIn)
    const headers = { "x-goog-content-length-range": `${size},${size}` }
    const query = { partNumber: String(number), uploadId, ...this.#userProject() }
    const request = { method: "PUT" as const, base: this.#bucketUrl(), key, signedAt, expiresIn, headers, query }
    const url = await signUrl(await this.#currentSigner(), request)
    const expiresAt = new Date(signedAt.getTime() + expiresIn * 1000)
    return { method: "PUT", url, headers, fields: {}, expiresAt }
  }

  #bucketUrl(): string {
    const { api, settings } = this.#connection
    return `${api.endpoint}/${settings.bucket}`
  }

  #userProject(): Record<string, string> {
    const { userProject } = this.#connection.settings
    return userProject === undefined ? {} : { userProject }
  }

  #checkedExpiry(expiresIn: number): number {
    const seconds = Math.ceil(expiresIn)
    if (seconds <= LONGEST_EXPIRY) return seconds
    throw new StorageError(
      "invalid-option",
      `Signed URLs of Cloud Storage are valid for at most 7 days (${LONGEST_EXPIRY} s, rounding included), not ${seconds} s.`,
    )
  }

  #currentSigner(): Promise<Signer> {
    const { client, api, settings } = this.#connection
    this.#signer ??= createSigner(client(), api, settings).catch((error: unknown) => {
      this.#signer = undefined
      throw error
    })
    return this.#signer
  }
}
