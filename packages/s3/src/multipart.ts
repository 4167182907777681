import { Readable } from "node:stream"
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  HeadObjectCommand,
  ListPartsCommand,
  type PutObjectCommandInput,
  type S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3"
import { Upload } from "@aws-sdk/lib-storage"
import { StorageError, throwIfAborted } from "@node-storages/core"
import { commit } from "@node-storages/core/adapter"
import { cancelledBy } from "./connection.ts"
import { checkEtag, md5Of } from "./integrity.ts"
import { nameOf, statusOf } from "./s3-errors.ts"
import { MOST_PARTS } from "./s3-options.ts"

const DROP_ATTEMPTS = 3

/** What names an upload in a request. */
export interface UploadTarget {
  readonly Bucket: string | undefined
  readonly Key: string | undefined
  readonly UploadId: string | undefined
}

export interface MultipartOptions {
  readonly partSize: number
  readonly concurrency: number
  readonly signal: AbortSignal | undefined
  /** Whether entity tags are MD5 digests of the bytes, which are then compared. */
  readonly etagsAreMd5: boolean
}

/**
 * One multipart upload by lib-storage, through a client that watches over it: every request can be cancelled, a
 * failure stops the other parts at once, parts are compared with what the service stored, and however it fails,
 * this returns only after the service has been told to drop the parts.
 */
export async function uploadMultipart(
  client: S3Client,
  params: Omit<PutObjectCommandInput, "Body">,
  body: AsyncIterable<Uint8Array>,
  options: MultipartOptions,
): Promise<{ etag: string | undefined }> {
  const watch = new UploadWatch(client, params, options)
  const source = Readable.from(body, { objectMode: true })
  try {
    const upload = new Upload({
      client: watch.client,
      params: { ...params, Body: source },
      partSize: options.partSize,
      queueSize: options.concurrency,
      leavePartsOnError: true,
    })
    const { ETag } = await upload.done()
    // Older Ceph answers a completed upload without its entity tag.
    return { etag: ETag?.replaceAll('"', "") ? ETag : await currentEtag(client, params) }
  } catch (error) {
    source.destroy()
    await watch.drop()
    throw explain(watch.failure ?? error, params, options.partSize)
  }
}

async function currentEtag(
  client: S3Client,
  { Bucket, Key, SSECustomerAlgorithm, SSECustomerKey, SSECustomerKeyMD5 }: Omit<PutObjectCommandInput, "Body">,
): Promise<string | undefined> {
  const encryption = { SSECustomerAlgorithm, SSECustomerKey, SSECustomerKeyMD5 }
  return (await client.send(new HeadObjectCommand({ Bucket, Key, ...encryption }))).ETag
}

function explain(error: unknown, params: { Key?: string | undefined }, partSize: number): unknown {
  if (!(error instanceof Error && /Exceeded \d+ parts/.test(error.message))) return error
  return new StorageError(
    "invalid-content",
    `${JSON.stringify(params.Key)}: a stream of unknown length may have ${MOST_PARTS} parts of ${partSize} bytes, and this one has more. ` +
      "Nothing was stored. Raise partSize, or give content whose size is known.",
    { cause: error },
  )
}

class UploadWatch {
  /** Passes the SDK's own checks for a client, and sends through the real one. */
  readonly client: S3Client
  /** The first failure: what lib-storage throws may be a consequence. */
  failure: unknown
  readonly #real: S3Client
  readonly #target: { Bucket: string | undefined; Key: string | undefined }
  readonly #stop = new AbortController()
  readonly #signal: AbortSignal
  readonly #options: MultipartOptions
  #uploadId: string | undefined

  constructor(client: S3Client, params: Omit<PutObjectCommandInput, "Body">, options: MultipartOptions) {
    this.#real = client
    this.#target = { Bucket: params.Bucket, Key: params.Key }
    this.#options = options
    this.#signal = options.signal ? AbortSignal.any([options.signal, this.#stop.signal]) : this.#stop.signal
    this.client = Object.create(client, { send: { value: this.#send.bind(this) } }) as S3Client
  }

  async #send(command: Parameters<S3Client["send"]>[0]): Promise<unknown> {
    try {
      const output = await this.#sendOne(command)
      if (command instanceof CreateMultipartUploadCommand) this.#uploadId = (output as { UploadId?: string }).UploadId
      if (command instanceof UploadPartCommand && this.#options.etagsAreMd5) this.#checkPart(command, output)
      return output
    } catch (error) {
      this.failure ??= error
      this.#stop.abort(error)
      throw error
    }
  }

  #sendOne(command: Parameters<S3Client["send"]>[0]): Promise<object> {
    const send = (signal: AbortSignal | undefined) => this.#real.send(command, cancelledBy(signal))
    // Cut off in the middle, an upload could be begun whose id nobody knows, or completed after all.
    if (command instanceof CreateMultipartUploadCommand) return commit(this.#signal, send)
    if (command instanceof CompleteMultipartUploadCommand) return commit(this.#signal, send)
    throwIfAborted(this.#signal, "write")
    return send(this.#signal)
  }

  #checkPart(command: UploadPartCommand, output: { ETag?: string | undefined }): void {
    checkEtag(
      output.ETag,
      md5Of(command.input.Body as Uint8Array),
      `Part ${command.input.PartNumber} of ${JSON.stringify(this.#target.Key)}`,
    )
  }

  /** Of its failure nothing is told: the upload's own matters more. */
  async drop(): Promise<void> {
    if (this.#uploadId === undefined) return
    await dropUpload(this.#real, { ...this.#target, UploadId: this.#uploadId }).catch(() => {})
  }
}

/**
 * Tells the service to drop the parts, until it has: a part that was still under way may land after the first time.
 * An upload that is not there is no failure.
 */
export async function dropUpload(client: S3Client, upload: UploadTarget, signal?: AbortSignal): Promise<void> {
  for (let attempt = 1; attempt <= DROP_ATTEMPTS; attempt++) {
    try {
      await client.send(new AbortMultipartUploadCommand(upload), cancelledBy(signal))
      const { Parts = [] } = await client.send(new ListPartsCommand(upload), cancelledBy(signal))
      if (Parts.length === 0) return
    } catch (error) {
      const isGone = statusOf(error) === 404 && nameOf(error) !== "NoSuchBucket"
      // Told by services that have no ListParts.
      if (isGone || statusOf(error) === 501) return
      if (attempt === DROP_ATTEMPTS || signal?.aborted) throw error
    }
  }
}
