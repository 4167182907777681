import {
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  NotFound,
  paginateListObjectsV2,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3"
import { getSignedUrl } from "@aws-sdk/s3-request-presigner"
import { S3Storage, type S3StorageOptions } from "@node-storages/s3"
import type { Context } from "../harness/row.ts"
import type { MakeClient, ObjectClient } from "./object-client.ts"

/** The official client with the settings that it has by itself. */
function officialClient({ endpoint, region, credentials }: Context["s3"]): S3Client {
  return new S3Client({ ...(endpoint && { endpoint, forcePathStyle: true }), region, credentials })
}

/** As the SDK's documentation writes it. */
export const sdk: MakeClient = (s3) => {
  const client = officialClient(s3)
  const Bucket = s3.bucket
  return {
    put: (Key, Body) =>
      client.send(new PutObjectCommand({ Bucket, Key, Body, ContentType: "application/octet-stream" })),
    async get(Key) {
      const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }))
      return Body!.transformToByteArray()
    },
    async exists(Key) {
      try {
        await client.send(new HeadObjectCommand({ Bucket, Key }))
        return true
      } catch (error) {
        if (error instanceof NotFound) return false
        throw error
      }
    },
    async list() {
      let count = 0
      for await (const { Contents = [] } of paginateListObjectsV2({ client }, { Bucket })) count += Contents.length
      return count
    },
    async deleteMany(names) {
      const batches = Array.from({ length: Math.ceil(names.length / 1000) }, (_, index) =>
        names.slice(index * 1000, index * 1000 + 1000),
      )
      const answers = await Promise.all(
        batches.map((batch) => {
          const Delete = { Objects: batch.map((Key) => ({ Key })), Quiet: true }
          return client.send(new DeleteObjectsCommand({ Bucket, Delete }))
        }),
      )
      if (answers.some(({ Errors = [] }) => Errors.length > 0)) throw new Error("Not all were deleted.")
    },
    sign: (Key) => getSignedUrl(client, new GetObjectCommand({ Bucket, Key }), { expiresIn: 3600 }),
  }
}

/** node-storages with a client of its own. */
export const ours: MakeClient = ({ bucket, endpoint, region, credentials }) =>
  ofStorage(bucket, { ...(endpoint && { endpoint, forcePathStyle: true }), region, credentials })

/** node-storages with the very client that the SDK's own subject has. */
export const oursOnCallersClient: MakeClient = (s3) => ofStorage(s3.bucket, { client: officialClient(s3) })

function ofStorage(bucket: string, options: S3StorageOptions): ObjectClient {
  const storage = new S3Storage(bucket, options)
  return {
    put: (name, bytes) => storage.write(name, bytes),
    get: (name) => storage.open(name).bytes(),
    exists: (name) => storage.exists(name),
    async list() {
      let count = 0
      for await (const _ of storage.list()) count++
      return count
    },
    deleteMany: (names) => storage.deleteMany(names),
    sign: (name) => storage.url(name),
  }
}
