import { randomUUID } from "node:crypto"
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectsCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  S3Client,
} from "@aws-sdk/client-s3"
import { S3Storage, type S3StorageOptions } from "@node-storages/s3"
import { afterAll, beforeAll, describe } from "vitest"
import type { S3Connection } from "../servers/s3-server.ts"
import { provided } from "../servers/provided.ts"

/** A bucket of one test file on the S3 server of this run, with the official client beside ours. */
export class TestBucket {
  readonly name: string = `test-${randomUUID()}`
  readonly connection: S3Connection
  readonly client: S3Client
  readonly #storages: S3Storage[] = []

  constructor(connection: S3Connection) {
    this.connection = connection
    this.client = new S3Client({
      ...connectionOptions(connection),
      forcePathStyle: true,
      requestChecksumCalculation: "WHEN_REQUIRED",
    })
  }

  /** A storage on the bucket; below a location of its own unless one is given. */
  storage(options: S3StorageOptions = {}, connection: S3Connection = this.connection): S3Storage {
    const storage = new S3Storage(this.name, {
      ...connectionOptions(connection),
      forcePathStyle: true,
      conditionalCreate: "put",
      location: randomUUID(),
      ...options,
    })
    this.#storages.push(storage)
    return storage
  }

  async create(): Promise<void> {
    await this.client.send(new CreateBucketCommand({ Bucket: this.name }))
  }

  async keys(prefix = ""): Promise<string[]> {
    const keys: string[] = []
    let token: string | undefined
    do {
      const page = await this.client.send(
        new ListObjectsV2Command({ Bucket: this.name, Prefix: prefix, ContinuationToken: token }),
      )
      keys.push(...(page.Contents ?? []).map(({ Key = "" }) => Key))
      token = page.NextContinuationToken
    } while (token)
    return keys
  }

  /** Multipart uploads that were begun and neither completed nor aborted: what nobody sees and everybody pays for. */
  async openUploads(): Promise<string[]> {
    const { Uploads = [] } = await this.client.send(new ListMultipartUploadsCommand({ Bucket: this.name }))
    return Uploads.map(({ Key = "" }) => Key)
  }

  async remove(): Promise<void> {
    await Promise.all(this.#storages.map((storage) => storage.close()))
    const keys = await this.keys()
    for (let start = 0; start < keys.length; start += 1000) {
      const Objects = keys.slice(start, start + 1000).map((Key) => ({ Key }))
      await this.client.send(new DeleteObjectsCommand({ Bucket: this.name, Delete: { Objects, Quiet: true } }))
    }
    await this.client.send(new DeleteBucketCommand({ Bucket: this.name }))
    this.client.destroy()
  }
}

export function connectionOptions({ endpoint, region, credentials }: S3Connection): S3Connection {
  return { endpoint, region, credentials }
}

/** Tests on the S3 server of this run. Where there is none they are skipped, and the run's last lines say why. */
export function describeOnS3(title: string, body: (bucket: () => TestBucket) => void): void {
  const s3 = provided("s3")
  describe.skipIf("reason" in s3)(title, () => {
    let bucket: TestBucket | undefined
    beforeAll(async () => {
      if ("reason" in s3) return
      bucket = new TestBucket(s3)
      await bucket.create()
    })
    afterAll(async () => bucket?.remove())
    body(() => bucket!)
  })
}
