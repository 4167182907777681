import { hash } from "node:crypto"
import { Readable } from "node:stream"
import {
  CopyObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3"
import { Upload } from "@aws-sdk/lib-storage"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { CheapS3 } from "./cheap-s3.ts"

const Bucket = "bench"
let server: CheapS3
let client: S3Client

beforeAll(async () => {
  server = await CheapS3.start()
  client = new S3Client({ ...server.connection, forcePathStyle: true })
})
afterAll(async () => {
  client.destroy()
  await server.stop()
})

const put = (Key: string, Body: string | Uint8Array) => client.send(new PutObjectCommand({ Bucket, Key, Body }))

describe("the S3 server of the benchmarks, asked by the official client", () => {
  it("gives back what was put, with its headers and MD5", async () => {
    const input = { Bucket, Key: "a/ü&b.txt", Body: "hello", ContentType: "text/plain", Metadata: { color: "red" } }
    await client.send(new PutObjectCommand(input))
    const answer = await client.send(new GetObjectCommand({ Bucket, Key: "a/ü&b.txt" }))
    expect(await answer.Body!.transformToString()).toBe("hello")
    expect(answer).toMatchObject({ ContentType: "text/plain", Metadata: { color: "red" }, ContentLength: 5 })
    expect(answer.ETag).toBe(`"${hash("md5", "hello")}"`)
  })

  it("takes off the frames of a streamed body", async () => {
    const body = Readable.from([Buffer.alloc(60_000, "x"), Buffer.alloc(40_000, "x")])
    await client.send(new PutObjectCommand({ Bucket, Key: "framed", Body: body, ContentLength: 100_000 }))
    const { ContentLength, ETag } = await client.send(new HeadObjectCommand({ Bucket, Key: "framed" }))
    expect({ ContentLength, ETag }).toEqual({ ContentLength: 100_000, ETag: `"${hash("md5", "x".repeat(100_000))}"` })
  })

  it("gives ranges, and refuses what lies behind the end", async () => {
    await put("range", "0123456789")
    const range = (Range: string) => client.send(new GetObjectCommand({ Bucket, Key: "range", Range }))
    const answer = await range("bytes=2-4")
    expect([await answer.Body!.transformToString(), answer.ContentRange]).toEqual(["234", "bytes 2-4/10"])
    await expect(range("bytes=10-")).rejects.toMatchObject({ name: "InvalidRange" })
  })

  it("says what is missing", async () => {
    const none = { Bucket, Key: "none" }
    await expect(client.send(new GetObjectCommand(none))).rejects.toMatchObject({ name: "NoSuchKey" })
    await expect(client.send(new HeadObjectCommand(none))).rejects.toMatchObject({ name: "NotFound" })
  })

  it("creates under a condition once", async () => {
    const create = () => client.send(new PutObjectCommand({ Bucket, Key: "once", Body: "x", IfNoneMatch: "*" }))
    await create()
    await expect(create()).rejects.toMatchObject({ name: "PreconditionFailed" })
  })

  it("lists in pages and folds what lies behind a delimiter", async () => {
    const keys = ["l/a", "l/b/1", "l/b/2", "l/c&<d", "l/e/1", "l/f"]
    await Promise.all(keys.map((key) => put(key, key)))
    const listed: string[] = []
    let ContinuationToken: string | undefined
    do {
      const page = await client.send(
        new ListObjectsV2Command({ Bucket, Prefix: "l/", MaxKeys: 4, ...(ContinuationToken && { ContinuationToken }) }),
      )
      listed.push(...page.Contents!.map(({ Key }) => Key!))
      ContinuationToken = page.NextContinuationToken
    } while (ContinuationToken !== undefined)
    expect(listed).toEqual(keys)
    const level = await client.send(new ListObjectsV2Command({ Bucket, Prefix: "l/", Delimiter: "/", MaxKeys: 3 }))
    expect(level.Contents!.map(({ Key }) => Key)).toEqual(["l/a", "l/c&<d"])
    expect(level.CommonPrefixes!.map(({ Prefix }) => Prefix)).toEqual(["l/b/"])
    const rest = await client.send(
      new ListObjectsV2Command({
        Bucket,
        Prefix: "l/",
        Delimiter: "/",
        ContinuationToken: level.NextContinuationToken!,
      }),
    )
    expect(rest.CommonPrefixes!.map(({ Prefix }) => Prefix)).toEqual(["l/e/"])
    expect(rest.Contents!.map(({ Key }) => Key)).toEqual(["l/f"])
  })

  it("copies, and deletes several at once", async () => {
    await put("d/1", "one")
    await client.send(new CopyObjectCommand({ Bucket, Key: "d/2", CopySource: `${Bucket}/d/1` }))
    const Objects = [{ Key: "d/1" }, { Key: "d/2" }, { Key: "d/none" }]
    await client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }))
    const { KeyCount } = await client.send(new ListObjectsV2Command({ Bucket, Prefix: "d/" }))
    expect(KeyCount).toBe(0)
  })

  it("counts what it is asked, and the connections", async () => {
    const own = new S3Client({ ...server.connection, forcePathStyle: true })
    await server.seen()
    for (let turn = 0; turn < 3; turn++) await own.send(new HeadObjectCommand({ Bucket, Key: "once" }))
    expect(await server.seen()).toEqual({ requests: 3, connections: 1 })
    own.destroy()
  })

  it("takes an upload in parts, whose bytes it counts and forgets", async () => {
    const Body = Buffer.alloc(12 * 1024 * 1024, "0123456789abcdef")
    await new Upload({ client, params: { Bucket, Key: "large", Body } }).done()
    const answer = await client.send(new GetObjectCommand({ Bucket, Key: "large" }))
    expect(answer.ETag).toMatch(/^"[0-9a-f]{32}-3"$/)
    expect(Buffer.compare(await answer.Body!.transformToByteArray(), Body)).toBe(0)
  })
})
