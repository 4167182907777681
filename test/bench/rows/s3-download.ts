import type { Readable } from "node:stream"
import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3"
import { S3Storage } from "@node-storages/s3"
import { consume, GIBIBYTE, MEBIBYTE } from "../harness/large-source.ts"
import { peer } from "../harness/peers.ts"
import { type BenchRow, type Context, OURS, type Work } from "../harness/row.ts"
import { HandSigned } from "../servers/hand-signed.ts"

const KEY = "large.bin"

/** Stores an object of 1 GiB, of which the server keeps the size: its bytes are a pattern. */
async function downloading({ s3 }: Context, get: () => Promise<AsyncIterable<Uint8Array>>): Promise<Work> {
  const requests = new HandSigned(s3)
  const path = `/${s3.bucket}/${KEY}`
  const id = /<UploadId>(.+?)</.exec(await requests.text("POST", path, "uploads="))![1]!
  const part = Buffer.alloc(64 * MEBIBYTE)
  const parts: string[] = []
  for (let number = 1; number <= GIBIBYTE / part.byteLength; number++) {
    await requests.text("PUT", path, `partNumber=${number}&uploadId=${id}`, part)
    parts.push(`<Part><PartNumber>${number}</PartNumber></Part>`)
  }
  await requests.text("POST", path, `uploadId=${id}`, Buffer.from(parts.join("")))
  requests.close()
  return { run: async () => consume(await get(), GIBIBYTE) }
}

/** An object of 1 GiB read to its end, chunk by chunk. Who reads counts the bytes; nobody compares a digest. */
export const s3Download: BenchRow = {
  title: "Download an object of 1 GiB from S3",
  unit: "download",
  times: 1,
  rounds: 5,
  ratioOf: "wall",
  base: "SDK",
  goals: [{ base: "SDK", atMost: 1 }],
  s3: {},
  subjects: {
    "floor: signed request, node:http": (context) => {
      const requests = new HandSigned(context.s3)
      return downloading(context, () => requests.send("GET", `/${context.s3.bucket}/${KEY}`))
    },
    SDK: (context) => {
      const client = new S3Client({ ...context.s3, forcePathStyle: true })
      return downloading(context, async () => {
        const { Body } = await client.send(new GetObjectCommand({ Bucket: context.s3.bucket, Key: KEY }))
        return Body as Readable
      })
    },
    [OURS]: (context) => {
      const { bucket, ...connection } = context.s3
      const storage = new S3Storage(bucket, { ...connection, forcePathStyle: true })
      return downloading(context, async () => storage.open(KEY))
    },
    flydrive: async (context) => {
      const { Disk } = await peer<{ Disk: new (driver: unknown) => { getStream(key: string): Promise<Readable> } }>(
        "flydrive",
      )
      const { S3Driver } = await peer<{ S3Driver: new (options: object) => unknown }>("flydrive/drivers/s3")
      const disk = new Disk(new S3Driver({ ...context.s3, forcePathStyle: true, visibility: "private" }))
      return downloading(context, () => disk.getStream(KEY))
    },
    "@flystorage/aws-s3": async (context) => {
      const { FileStorage } = await peer<{
        FileStorage: new (adapter: unknown) => { read(path: string): Promise<Readable> }
      }>("@flystorage/file-storage")
      const { AwsS3StorageAdapter } = await peer<{
        AwsS3StorageAdapter: new (client: S3Client, options: object) => unknown
      }>("@flystorage/aws-s3")
      const client = new S3Client({ ...context.s3, forcePathStyle: true })
      const storage = new FileStorage(new AwsS3StorageAdapter(client, { bucket: context.s3.bucket }))
      return downloading(context, () => storage.read(KEY))
    },
    "files-sdk": async (context) => {
      const { Files } = await peer<{
        Files: new (options: object) => {
          download(key: string, options: object): Promise<{ stream(): ReadableStream<Uint8Array> }>
        }
      }>("files-sdk")
      const { s3 } = await peer<{ s3: (options: object) => unknown }>("files-sdk/s3")
      const files = new Files({ adapter: s3({ ...context.s3, forcePathStyle: true }) })
      return downloading(context, async () => (await files.download(KEY, { as: "stream" })).stream())
    },
    s3mini: async (context) => {
      const { S3mini } = await peer<{
        S3mini: new (options: object) => { getObjectResponse(key: string): Promise<Response | null> }
      }>("s3mini")
      const { endpoint, region, credentials, bucket } = context.s3
      const storage = new S3mini({ ...credentials, endpoint: `${endpoint}/${bucket}`, region })
      return downloading(context, async () => (await storage.getObjectResponse(KEY))!.body!)
    },
  },
}
