import { isTokenCredential } from "@azure/core-auth"
import {
  BlobServiceClient,
  type ContainerClient,
  isPipelineLike,
  StorageSharedKeyCredential,
} from "@azure/storage-blob"
import {
  joinUrl,
  type SignedPartOptions,
  type SignedUpload,
  type SignedUploadOptions,
  type SignedUrlOptions,
  StorageError,
} from "@node-storages/core"
import { withoutQuery } from "./client.ts"
import { DelegationKeys } from "./delegation-keys.ts"
import { toAzureMetadata } from "./metadata.ts"
import { delegationSas, type SasGrant, serviceSas, type TextSigner } from "./sas.ts"
import { accountSigner } from "./text-signers.ts"

/** How long a source may be read by a copy, in milliseconds. */
const SOURCE_VALIDITY = 3600 * 1000

type Grant = Omit<SasGrant, "blob" | "httpsOnly"> & { readonly signal: AbortSignal | undefined }

/**
 * Signs URLs with what the client has: the account's key, or a user delegation key where it has a token. The same request
 * gives the same URL: a signature has no beginning, so that no clock is asked.
 */
export class SignedRequests {
  readonly #client: () => ContainerClient
  readonly #container: string
  readonly #accountName: string | undefined
  readonly #keys: DelegationKeys
  #byAccount: TextSigner | undefined
  #containerUrl: string | undefined

  /** @param accountName where the endpoint does not tell it */
  constructor(client: () => ContainerClient, container: string, accountName: string | undefined) {
    this.#client = client
    // The client takes it from its address, of which it does not know all forms.
    this.#container = container
    this.#accountName = accountName
    this.#keys = new DelegationKeys(() => serviceOf(client()))
  }

  async url(key: string, options: SignedUrlOptions): Promise<string> {
    const { contentDisposition, contentType, expiresIn, signedAt, signal } = options
    const signature = await this.#sign(key, {
      permissions: "r",
      expiresAt: new Date(signedAt.getTime() + expiresIn * 1000),
      contentDisposition,
      contentType,
      signal,
    })
    if (signature === undefined) throw this.#cannotSign("Signed URLs")
    return `${this.address(key)}?${signature}`
  }

  async upload(key: string, options: SignedUploadOptions): Promise<SignedUpload> {
    const { cacheControl, contentDisposition, contentType, expiresIn, maxSize, metadata, signedAt, size } = options
    if (size !== undefined || maxSize !== undefined) {
      throw new StorageError(
        "unsupported",
        `azblob://${this.#container}: Azure can't hold an upload by a signed URL to a size. Leave out ` +
          `"${size === undefined ? "maxSize" : "size"}" and look at the size afterwards, or let the upload pass through the app: save().`,
      )
    }
    const expiresAt = new Date(signedAt.getTime() + expiresIn * 1000)
    const signature = await this.#sign(key, { permissions: "cw", expiresAt, signal: options.signal })
    if (signature === undefined) throw this.#cannotSign("Signed uploads")
    const headers: Record<string, string> = {
      "x-ms-blob-type": "BlockBlob",
      "content-type": contentType,
      ...(cacheControl !== undefined && { "x-ms-blob-cache-control": cacheControl }),
      ...(contentDisposition !== undefined && { "x-ms-blob-content-disposition": contentDisposition }),
    }
    for (const [name, value] of Object.entries(toAzureMetadata(metadata ?? {}))) headers[`x-ms-meta-${name}`] = value
    return { method: "PUT", url: `${this.address(key)}?${signature}`, headers, fields: {}, expiresAt }
  }

  /**
   * A request that stages a block. The signature is about the blob and not about the block: who has it may write the
   * whole blob while it is valid.
   */
  async block(
    key: string,
    blockId: string,
    encryptionScope: string | undefined,
    { signedAt, expiresIn, signal }: SignedPartOptions,
  ): Promise<SignedUpload> {
    const expiresAt = new Date(signedAt.getTime() + expiresIn * 1000)
    const signature = await this.#sign(key, { permissions: "cw", expiresAt, signal })
    if (signature === undefined) throw this.#cannotSign("Signed uploads")
    const headers = encryptionScope === undefined ? {} : { "x-ms-encryption-scope": encryptionScope }
    const block = `comp=block&blockid=${encodeURIComponent(blockId)}`
    return { method: "PUT", url: `${this.address(key)}?${block}&${signature}`, headers, fields: {}, expiresAt }
  }

  /** A URL at which the service can read the blob, and its tags, to copy it. */
  async source(key: string, signal: AbortSignal | undefined): Promise<string> {
    const expiresAt = new Date(Date.now() + SOURCE_VALIDITY)
    const signature = await this.#sign(key, { permissions: "rt", expiresAt, signal })
    // A shared access signature reads what its owner may read; without any, the container is public or the copy is refused.
    return this.address(key) + (signature === undefined ? new URL(this.#client().url).search : `?${signature}`)
  }

  /** The blob's address without credentials. */
  address(key: string): string {
    return joinUrl((this.#containerUrl ??= withoutQuery(this.#client().url)), key)
  }

  /** The query that grants this, or undefined where the client has nothing to sign with. */
  async #sign(key: string, { signal, ...allowed }: Grant): Promise<string | undefined> {
    const client = this.#client()
    const { credential } = client
    const httpsOnly = client.url.startsWith("https:")
    const grantTo = (account: string) => ({ ...allowed, httpsOnly, blob: `/blob/${account}/${this.#container}/${key}` })
    if (credential instanceof StorageSharedKeyCredential) {
      return serviceSas(grantTo(credential.accountName), (this.#byAccount ??= accountSigner(credential)))
    }
    if (!isTokenCredential(credential)) return undefined
    const account = this.#accountName ?? client.accountName
    if (!account) {
      throw new StorageError(
        "invalid-option",
        `AzureStorage: the endpoint ${new URL(client.url).origin} does not tell the storage account, which signatures hold. Set accountName.`,
      )
    }
    return delegationSas(grantTo(account), await this.#keys.validUntil(allowed.expiresAt, signal))
  }

  #cannotSign(what: string): StorageError {
    return new StorageError(
      "unsupported",
      `azblob://${this.#container}: ${what} need an accountKey, a connectionString with one, or a credential. A ` +
        'shared access signature (sasToken) can\'t be narrowed to one file. Where anybody may read the container, set "signedUrls: false".',
    )
  }
}

/** The client of the whole account, over the container's connections and credentials. */
function serviceOf(client: ContainerClient): BlobServiceClient {
  const url = withoutQuery(client.url).replace(/\/[^/]*$/, "")
  // Protected in the SDK's types; without it the options of a client of the caller's own would be lost.
  const pipeline: unknown = Reflect.get(client, "pipeline")
  return isPipelineLike(pipeline) ? new BlobServiceClient(url, pipeline) : new BlobServiceClient(url, client.credential)
}
