import type { Readable } from "node:stream"
import { S3Client } from "@aws-sdk/client-s3"
import { S3Storage } from "@node-storages/s3"
import { GIBIBYTE, largeReadable, largeSource, MEBIBYTE } from "../harness/large-source.ts"
import { peer } from "../harness/peers.ts"
import { type BenchRow, type Context, NotHere, OURS, type Work } from "../harness/row.ts"
import { HandSigned } from "../servers/hand-signed.ts"

const KEY = "large.bin"
/** Of the upload that shows in the setup that the subject uploads rightly. */
const SAMPLE = 20 * MEBIBYTE + 1

type Store = (size: number) => Promise<unknown>

/** @param store a stream of so many bytes, whose length it does not know, under `KEY` */
async function uploading({ s3 }: Context, store: Store, close: () => unknown = () => {}): Promise<Work> {
  await store(SAMPLE)
  const requests = new HandSigned(s3)
  const { headers } = await requests.send("HEAD", `/${s3.bucket}/${KEY}`)
  requests.close()
  if (Number(headers["content-length"]) !== SAMPLE) throw new Error(`${headers["content-length"]} bytes were stored.`)
  return {
    async run() {
      await store(GIBIBYTE)
    },
    async close() {
      await close()
    },
  }
}

const PART = 8 * MEBIBYTE

/** Parts of 8 MiB, of chunks by which they can be divided, in memory that is used again. */
async function* partsOf(size: number, spare: Buffer[]) {
  let part = spare.pop() ?? Buffer.allocUnsafeSlow(PART)
  let filled = 0
  let number = 0
  for await (const chunk of largeSource(size)) {
    part.set(chunk, filled)
    filled += chunk.byteLength
    if (filled < PART) continue
    yield { number: ++number, part, bytes: part }
    part = spare.pop() ?? Buffer.allocUnsafeSlow(PART)
    filled = 0
  }
  if (filled > 0) yield { number: ++number, part, bytes: part.subarray(0, filled) }
}

/** Each part signed with its SHA-256, which the service compares with what arrives. */
function floor(context: Context): Promise<Work> {
  const { bucket } = context.s3
  const requests = new HandSigned(context.s3)
  const path = `/${bucket}/${KEY}`
  const store = async (size: number) => {
    const begun = await requests.text("POST", path, "uploads=")
    const id = /<UploadId>(.+?)</.exec(begun)![1]!
    const etags: string[] = []
    const spare: Buffer[] = []
    const cut = partsOf(size, spare)
    const sendSome = async () => {
      for (let next = await cut.next(); !next.done; next = await cut.next()) {
        const { number, part, bytes } = next.value
        const answer = await requests.send("PUT", path, `partNumber=${number}&uploadId=${id}`, bytes)
        answer.resume()
        etags[number - 1] = answer.headers.etag!
        spare.push(part)
      }
    }
    await Promise.all([sendSome(), sendSome(), sendSome(), sendSome()])
    const parts = etags.map((etag, index) => `<Part><PartNumber>${index + 1}</PartNumber><ETag>${etag}</ETag></Part>`)
    const body = Buffer.from(`<CompleteMultipartUpload>${parts.join("")}</CompleteMultipartUpload>`)
    await requests.text("POST", path, `uploadId=${id}`, body)
  }
  return uploading(context, store, () => requests.close())
}

export interface LibStorage {
  readonly Upload: new (options: object) => { done(): Promise<unknown> }
}
interface Files {
  readonly Files: new (options: object) => {
    upload(key: string, body: ReadableStream, options: object): Promise<unknown>
  }
}

/**
 * A stream of 1 GiB whose length nobody knows. The server is on loopback and speaks HTTP: all sign the SHA-256 of what
 * they send, save where it is said, and a service compares it. The SDK adds a CRC32.
 */
export const s3Upload: BenchRow = {
  title: "Upload a stream of 1 GiB to S3",
  unit: "upload",
  times: 1,
  rounds: 3,
  warmups: 0,
  ratioOf: "wall",
  base: "lib-storage",
  goals: [{ base: "lib-storage", atMost: 0.7 }],
  s3: {},
  subjects: {
    "floor: signed parts, node:http": floor,
    "lib-storage": async (context) => {
      const { Upload } = await peer<LibStorage>("@aws-sdk/lib-storage")
      const client = new S3Client({ ...context.s3, forcePathStyle: true })
      const store = (size: number) =>
        new Upload({ client, params: { Bucket: context.s3.bucket, Key: KEY, Body: largeReadable(size) } }).done()
      return uploading(context, store, () => client.destroy())
    },
    [OURS]: (context) => {
      const { bucket, ...connection } = context.s3
      const storage = new S3Storage(bucket, { ...connection, forcePathStyle: true })
      return uploading(
        context,
        (size) => storage.write(KEY, largeReadable(size)),
        () => storage.close(),
      )
    },
    // One PutObject, for which S3 wants the length.
    flydrive: () => Promise.reject(new NotHere("it can't upload a stream whose length is unknown")),
    "@flystorage/aws-s3": async (context) => {
      const { FileStorage } = await peer<{
        FileStorage: new (adapter: unknown) => { write(path: string, body: Readable): Promise<void> }
      }>("@flystorage/file-storage")
      const { AwsS3StorageAdapter } = await peer<{
        AwsS3StorageAdapter: new (client: S3Client, options: object) => unknown
      }>("@flystorage/aws-s3")
      const client = new S3Client({ ...context.s3, forcePathStyle: true })
      const storage = new FileStorage(new AwsS3StorageAdapter(client, { bucket: context.s3.bucket }))
      return uploading(context, (size) => storage.write(KEY, largeReadable(size)))
    },
    "files-sdk": async (context) => {
      const { Files } = await peer<Files>("files-sdk")
      const { s3 } = await peer<{ s3: (options: object) => unknown }>("files-sdk/s3")
      const files = new Files({ adapter: s3({ ...context.s3, forcePathStyle: true }) })
      const store = (size: number) => files.upload(KEY, ReadableStream.from(largeSource(size)), { multipart: true })
      return uploading(context, store)
    },
    // It signs no digest of the bytes.
    s3mini: async (context) => {
      const { S3mini } = await peer<{
        S3mini: new (options: object) => { putAnyObject(key: string, body: ReadableStream): Promise<unknown> }
      }>("s3mini")
      const { endpoint, region, credentials, bucket } = context.s3
      const storage = new S3mini({ ...credentials, endpoint: `${endpoint}/${bucket}`, region })
      return uploading(context, (size) => storage.putAnyObject(KEY, ReadableStream.from(largeSource(size))))
    },
  },
}
