import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  HeadObjectCommand,
  ListPartsCommand,
  type PutObjectCommandInput,
  type S3Client,
  UploadPartCommand,
  type UploadPartCommandInput,
} from "@aws-sdk/client-s3"
import { StorageError, throwIfAborted } from "@node-storages/core"
import { commit, type Part, PartBuffers, pool, untilStopped } from "@node-storages/core/adapter"
import { cancelledBy } from "./connection.ts"
import { checkEtag, etagIsMd5, md5Of } from "./integrity.ts"
import { type PartDigest, refusesOtherBytes, signWithDigest } from "./part-digests.ts"
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
  /** In bytes. */
  readonly partSize: number
  /** Parts under way at once. */
  readonly concurrency: number
  readonly signal: AbortSignal | undefined
  /** Another service than AWS. */
  readonly compatible: boolean
}

type Parameters = Omit<PutObjectCommandInput, "Body">

/** What was stored. */
export interface Uploaded {
  readonly etag: string | undefined
  /** In bytes. */
  readonly size: number
}

/**
 * One multipart upload. Every request can be cancelled, a failure stops the other parts at once, and however it fails,
 * this returns only after the service has been told to drop the parts.
 */
export async function uploadMultipart(
  client: S3Client,
  params: Parameters,
  body: AsyncIterable<Uint8Array>,
  options: MultipartOptions,
): Promise<Uploaded> {
  const upload = new MultipartUpload(client, params, options)
  try {
    return await upload.send(body)
  } catch (error) {
    await upload.drop()
    throw error
  }
}

class MultipartUpload {
  readonly #client: S3Client
  readonly #params: Parameters
  readonly #options: MultipartOptions
  readonly #stop = new AbortController()
  readonly #signal: AbortSignal
  readonly #buffers: PartBuffers
  readonly #parts: CompletedPart[] = []
  #id: string | undefined
  #size = 0

  constructor(client: S3Client, params: Parameters, options: MultipartOptions) {
    this.#client = client
    this.#params = params
    this.#options = options
    const { signal, partSize } = options
    this.#signal = signal ? AbortSignal.any([signal, this.#stop.signal]) : this.#stop.signal
    this.#buffers = new PartBuffers(partSize)
  }

  async send(body: AsyncIterable<Uint8Array>): Promise<Uploaded> {
    const { concurrency, signal } = this.#options
    await this.#begin()
    const digest = await this.#digest()
    const parts = untilStopped(this.#numbered(body), this.#signal)
    try {
      await pool(parts, concurrency, (part) => this.#sendPart(part, digest))
    } catch (error) {
      throwIfAborted(signal, "write")
      // The first failure: others may be its consequences.
      throw this.#stop.signal.aborted ? this.#stop.signal.reason : error
    }
    return { etag: await this.#complete(), size: this.#size }
  }

  get #target(): UploadTarget {
    return { Bucket: this.#params.Bucket, Key: this.#params.Key, UploadId: this.#id }
  }

  /** Not cut off in the middle: an upload could be begun whose id nobody knows. */
  async #begin(): Promise<void> {
    const command = new CreateMultipartUploadCommand({
      ...this.#params,
      ...((await this.#client.config.requestChecksumCalculation()) === "WHEN_SUPPORTED" && {
        ChecksumAlgorithm: this.#params.ChecksumAlgorithm ?? "CRC32",
      }),
    })
    const { UploadId } = await commit(this.#signal, (cut) => this.#client.send(command, cancelledBy(cut)))
    if (!UploadId) throw new Error("The service began a multipart upload without telling its id.")
    this.#id = UploadId
  }

  async #digest(): Promise<PartDigest> {
    if (!this.#options.compatible) return "client"
    if (await refusesOtherBytes(this.#client, this.#target, this.#signal)) return "sha256"
    return etagIsMd5(this.#params) ? "md5" : "client"
  }

  async *#numbered(body: AsyncIterable<Uint8Array>): AsyncGenerator<Part> {
    try {
      for await (const part of this.#buffers.cut(body)) {
        if (part.number > MOST_PARTS) throw this.#tooMany()
        this.#size += part.bytes.byteLength
        yield part
      }
    } catch (error) {
      this.#stop.abort(error)
      throw error
    }
  }

  async #sendPart(part: Part, digest: PartDigest): Promise<void> {
    const { bytes, number } = part
    const command = new UploadPartCommand({
      ...(this.#params as Omit<UploadPartCommandInput, "PartNumber" | "UploadId">),
      UploadId: this.#id,
      PartNumber: number,
      Body: bytes,
    })
    try {
      if (digest === "sha256") signWithDigest(command, bytes)
      throwIfAborted(this.#signal, "write")
      const answer = await this.#client.send(command, cancelledBy(this.#signal))
      if (digest === "md5") {
        checkEtag(answer.ETag, md5Of(bytes), `Part ${number} of ${JSON.stringify(this.#params.Key)}`)
      }
      if (!answer.ETag) throw new Error(`The service took part ${number} without telling its entity tag.`)
      const { ETag, ChecksumCRC32, ChecksumCRC32C, ChecksumCRC64NVME, ChecksumSHA1, ChecksumSHA256 } = answer
      const checksums = { ChecksumCRC32, ChecksumCRC32C, ChecksumCRC64NVME, ChecksumSHA1, ChecksumSHA256 }
      this.#parts[number - 1] = { PartNumber: number, ETag, ...checksums }
      this.#buffers.giveBack(part)
    } catch (error) {
      this.#stop.abort(error)
      throw error
    }
  }

  /** Not cut off in the middle: the upload could be completed after all. */
  async #complete(): Promise<string | undefined> {
    const command = new CompleteMultipartUploadCommand({
      ...this.#params,
      UploadId: this.#id,
      MultipartUpload: { Parts: this.#parts },
    })
    const { ETag } = await commit(this.#signal, (cut) => this.#client.send(command, cancelledBy(cut)))
    // Older Ceph answers a completed upload without its entity tag.
    return ETag?.replaceAll('"', "") ? ETag : currentEtag(this.#client, this.#params)
  }

  /** Of its failure nothing is told: the upload's own matters more. */
  async drop(): Promise<void> {
    if (this.#id !== undefined) await dropUpload(this.#client, this.#target).catch(() => {})
  }

  #tooMany(): StorageError {
    return new StorageError(
      "invalid-content",
      `${JSON.stringify(this.#params.Key)}: a stream of unknown length may have ${MOST_PARTS} parts of ${this.#options.partSize} bytes, and this one has more. ` +
        "Nothing was stored. Raise partSize, or give content whose size is known.",
    )
  }
}

async function currentEtag(
  client: S3Client,
  { Bucket, Key, SSECustomerAlgorithm, SSECustomerKey, SSECustomerKeyMD5 }: Omit<PutObjectCommandInput, "Body">,
): Promise<string | undefined> {
  const encryption = { SSECustomerAlgorithm, SSECustomerKey, SSECustomerKeyMD5 }
  return (await client.send(new HeadObjectCommand({ Bucket, Key, ...encryption }))).ETag
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
