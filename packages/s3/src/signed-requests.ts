import {
  type SignedPartOptions,
  type SignedUpload,
  type SignedUploadOptions,
  type SignedUrlOptions,
  StorageError,
} from "@node-storages/core"
import { encodeMetadata } from "@node-storages/core/adapter"
import type { BucketAccess } from "./bucket-access.ts"
import type { S3Settings } from "./s3-options.ts"
import { postPolicy, presign } from "./signature.ts"
import { SignedGets } from "./signed-gets.ts"

/** Signs URLs and uploads with the client's credentials, region and endpoint. */
export class SignedRequests {
  readonly #access: BucketAccess
  readonly #settings: S3Settings
  #gets: SignedGets | undefined

  constructor(access: BucketAccess, settings: S3Settings) {
    this.#access = access
    this.#settings = settings
  }

  async url(key: string, options: SignedUrlOptions): Promise<string> {
    const signer = this.#access.knownSigner ?? (await this.#access.signer())
    if (this.#gets?.signer !== signer) this.#gets = new SignedGets(signer, await this.#access.endpoint())
    return this.#gets.url(key, options)
  }

  /** PUT, unless a largest size asks for a form upload: only a POST policy can hold a range of sizes. */
  async upload(key: string, options: SignedUploadOptions): Promise<SignedUpload> {
    const { signedAt, expiresIn, contentType, cacheControl, contentDisposition, metadata, size, maxSize } = options
    if (size !== undefined && maxSize !== undefined && size > maxSize) {
      throw new StorageError("invalid-option", `signedUpload(): size ${size} is more than maxSize ${maxSize}.`)
    }
    const [signer, endpoint] = [await this.#access.signer(), await this.#access.endpoint()]
    const { acl, bucket, postUploads } = this.#settings
    const amazonHeaders: Record<string, string> = { ...(acl && { "x-amz-acl": acl }) }
    for (const [name, value] of Object.entries(encodeMetadata(metadata ?? {})))
      amazonHeaders[`x-amz-meta-${name}`] = value
    const expiresAt = new Date(signedAt.getTime() + expiresIn * 1000)

    if (maxSize === undefined || size !== undefined) {
      const headers = {
        ...amazonHeaders,
        "content-type": contentType,
        ...(cacheControl && { "cache-control": cacheControl }),
        ...(contentDisposition && { "content-disposition": contentDisposition }),
      }
      // A browser sets Content-Length by itself, and may not be told it; signed, it is the exact size.
      const signed = size === undefined ? headers : { ...headers, "content-length": String(size) }
      const request = {
        method: "PUT" as const,
        key,
        signedAt,
        expiresIn,
        query: { "x-id": "PutObject" },
        headers: signed,
      }
      return { method: "PUT", url: presign(signer, endpoint, request), headers, fields: {}, expiresAt }
    }

    if (!postUploads) {
      throw new StorageError(
        "unsupported",
        `s3://${bucket}: this service takes no form uploads, and only those can enforce "maxSize". Ask for the exact "size" instead.`,
      )
    }
    const fields = {
      key,
      "Content-Type": contentType,
      ...(cacheControl && { "Cache-Control": cacheControl }),
      ...(contentDisposition && { "Content-Disposition": contentDisposition }),
      ...(acl && { acl }),
      ...Object.fromEntries(Object.entries(amazonHeaders).filter(([name]) => name !== "x-amz-acl")),
    }
    const form = postPolicy(signer, endpoint, bucket, fields, options)
    return { method: "POST", url: endpoint.url, headers: {}, fields: form, expiresAt }
  }

  /** Content-Length is signed, and so the exact size: a browser sets it by itself. */
  async part(key: string, uploadId: string, number: number, options: SignedPartOptions): Promise<SignedUpload> {
    const { signedAt, expiresIn, size } = options
    const url = presign(await this.#access.signer(), await this.#access.endpoint(), {
      method: "PUT",
      key,
      signedAt,
      expiresIn,
      query: { partNumber: String(number), uploadId, "x-id": "UploadPart" },
      headers: { "content-length": String(size) },
    })
    const expiresAt = new Date(signedAt.getTime() + expiresIn * 1000)
    return { method: "PUT", url, headers: {}, fields: {}, expiresAt }
  }
}
