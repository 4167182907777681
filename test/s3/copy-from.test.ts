import { type DriverStorage, type Storage, transfer } from "@node-storages/core"
import { type S3Storage, type S3StorageOptions } from "@node-storages/s3"
import { afterEach, expect, it } from "vitest"
import { MEBIBYTE, sampleBytes, streamOf } from "../sample-bytes.ts"
import { describeOnS3, TestBucket } from "./support.ts"

const PART = 5 * MEBIBYTE
const HEADERS = { cacheControl: "no-store", contentLanguage: "de", metadata: { owner: "Zoë" } }

/** The commands that a storage's client sends. */
function commandsOf({ client }: S3Storage): string[] {
  const commands: string[] = []
  client.middlewareStack.add(
    (next, context) => (args) => {
      commands.push(context.commandName!)
      return next(args)
    },
    { step: "initialize", name: "recorded" },
  )
  return commands
}

describeOnS3("a copy from another bucket of the service", (bucket) => {
  const others: TestBucket[] = []
  const another = async (options: S3StorageOptions = {}): Promise<S3Storage> => {
    const other = new TestBucket(bucket().connection)
    await other.create()
    others.push(other)
    return other.storage(options)
  }
  afterEach(async () => {
    for (const other of others.splice(0)) await other.remove()
  })

  it("is one CopyObject, or parts above the limit of one: no byte passes through this process", async () => {
    const [source, target] = [bucket().storage({ partSize: PART }), await another({ copyPartSize: PART })]
    const large = sampleBytes(2 * PART + 5)
    await source.write("a small film+&.mp4", "small", HEADERS)
    await source.write("größe/large.mp4", streamOf(large), HEADERS)
    const [read, written] = [commandsOf(source), commandsOf(target)]
    const report = await transfer(source, target)
    expect(report).toEqual({ copied: 2, skipped: 0, bytes: large.byteLength + 5, deleted: [], failures: [] })
    expect(read).toEqual(["ListObjectsV2Command"])
    expect(written.toSorted()).toEqual([
      "CompleteMultipartUploadCommand",
      "CopyObjectCommand",
      "CreateMultipartUploadCommand",
      "HeadObjectCommand",
      "HeadObjectCommand",
      "ListObjectsV2Command",
      "UploadPartCopyCommand",
      "UploadPartCopyCommand",
      "UploadPartCopyCommand",
    ])
    expect(Buffer.from(await target.open("größe/large.mp4").bytes()).equals(large)).toBe(true)
    expect(await target.open("a small film+&.mp4").text()).toBe("small")
    for (const name of ["a small film+&.mp4", "größe/large.mp4"]) {
      expect(await target.stat(name)).toMatchObject({ contentType: "video/mp4", ...HEADERS })
    }
  })

  it("is skipped the second time: by two listings alone where the entity tags are digests", async () => {
    const [source, target] = [bucket().storage(), await another()]
    for (const name of ["a.txt", "b.txt"]) await source.write(name, `content of ${name}`)
    await transfer(source, target)
    const [read, written] = [commandsOf(source), commandsOf(target)]
    expect(await transfer(source, target)).toMatchObject({ copied: 0, skipped: 2, failures: [] })
    expect([read, written]).toEqual([["ListObjectsV2Command"], ["ListObjectsV2Command"]])
  })

  it("is skipped the second time also where one side went up in parts, and has no digest", async () => {
    const bytes = sampleBytes(PART + 5)
    const [source, target] = [bucket().storage({ partSize: PART }), await another()]
    await source.write("large.bin", streamOf(bytes))
    await target.write("large.bin", bytes)
    expect((await source.stat("large.bin")).etag).not.toBe((await target.stat("large.bin")).etag)
    expect(await transfer(source, target)).toMatchObject({ copied: 0, skipped: 1, failures: [] })
  })

  it("is streamed where the target's credentials may not read the source", async () => {
    const [source, target] = [bucket().storage(), await another()]
    await source.write("a.txt", "a", HEADERS)
    await source.write("b.txt", "b", HEADERS)
    const written = commandsOf(target)
    target.client.middlewareStack.add(
      (next, context) => (args) => {
        const input = args.input as { Bucket?: string }
        if (context.commandName !== "HeadObjectCommand" || input.Bucket !== bucket().name) return next(args)
        const denied = { name: "AccessDenied", $metadata: { httpStatusCode: 403 } }
        throw Object.assign(new Error("denied"), denied)
      },
      { step: "initialize", name: "noAccessToTheSource" },
    )
    expect(await transfer(source, target, { concurrency: 1 })).toMatchObject({ copied: 2, failures: [] })
    expect(written.filter((command) => command !== "ListObjectsV2Command")).toEqual([
      "HeadObjectCommand",
      "PutObjectCommand",
      "PutObjectCommand",
    ])
    expect(await target.stat("b.txt")).toMatchObject(HEADERS)
  })

  it("is streamed to a storage that decodes what it reads, so that both give the same", async () => {
    const css = "body { color: red } ".repeat(500)
    const [source, target] = [bucket().storage({ gzip: true }), await another()]
    await source.write("a.css", css)
    await transfer(source, target)
    expect(await target.open("a.css").text()).toBe(css)
    expect(await target.stat("a.css")).toMatchObject({ size: css.length, contentType: "text/css" })
    const back: Storage = await another({ gzip: true })
    await transfer(target, back)
    expect(await back.open("a.css").text()).toBe(css)
    expect((await back.stat("a.css")).size).toBeLessThan(500)
  })

  it("tells the MD5 that the entity tag is, and none of what went up in parts", async () => {
    const storage: DriverStorage = bucket().storage({ partSize: PART })
    const small = await storage.write("small.txt", "small")
    expect(small.checksum).toEqual({ md5: small.etag!.replaceAll('"', "") })
    expect((await storage.stat("small.txt")).checksum).toEqual(small.checksum)
    expect((await storage.copy("small.txt", "copy.txt")).checksum).toEqual(small.checksum)
    expect((await storage.driver.get("small.txt", {}))!.info.checksum).toEqual(small.checksum)
    const large = await storage.write("large.bin", streamOf(sampleBytes(PART + 5)))
    expect([large.checksum, (await storage.stat("large.bin")).checksum]).toEqual([undefined, undefined])
    for await (const info of storage.list()) expect(info.checksum).toBeUndefined()
  })
})
