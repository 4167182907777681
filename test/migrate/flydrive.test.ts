import { Readable } from "node:stream"
import { buffer } from "node:stream/consumers"
import { LocalStorage } from "@node-storages/local"
import { Disk } from "flydrive"
import { FSDriver } from "flydrive/drivers/fs"
import { S3Driver } from "flydrive/drivers/s3"
import { describe, expect, it } from "vitest"
import { namesOf } from "../names-of.ts"
import { describeOnS3 } from "../s3/support.ts"
import { temporaryFolder } from "./folder.ts"

async function keysOf(disk: Disk): Promise<string[]> {
  const { objects } = await disk.listAll("/", { recursive: true })
  return [...objects].filter((entry) => entry.isFile).map((entry) => entry.key)
}

describe("a folder that FlyDrive and LocalStorage share", () => {
  it("has the same files under the same names, whoever wrote them", async () => {
    const folder = await temporaryFolder()
    const disk = new Disk(new FSDriver({ location: folder, visibility: "public" }))
    const storage = new LocalStorage(folder, { baseUrl: "https://media.example.com/" })
    await disk.put("avatars/a b.txt", "theirs")
    await disk.putStream("avatars/stream.bin", Readable.from([Buffer.from("bytes")]))
    await storage.write("avatars/c.txt", "ours")
    await storage.save("avatars/a b.txt", "another", { maxLength: 100 })

    expect(await storage.open("avatars/a b.txt").text()).toBe("theirs")
    expect(await storage.stat("avatars/stream.bin")).toMatchObject({ size: 5, contentType: "application/octet-stream" })
    expect(await disk.get("avatars/c.txt")).toBe("ours")
    expect(await disk.getMetaData("avatars/c.txt")).toMatchObject({ contentLength: 4, contentType: "text/plain" })
    const ours = await Array.fromAsync(namesOf(storage))
    expect(ours).toHaveLength(4)
    expect((await keysOf(disk)).toSorted()).toEqual(ours.toSorted())

    await disk.move("avatars/c.txt", "moved.txt")
    expect(await storage.exists("moved.txt")).toBe(true)
    await storage.delete("moved.txt")
    expect(await disk.exists("moved.txt")).toBe(false)
  })

  it("has two things that FlyDrive sees differently: records of headers, and names beyond ASCII", async () => {
    const folder = await temporaryFolder()
    const disk = new Disk(new FSDriver({ location: folder, visibility: "public" }))
    const storage = new LocalStorage(folder)
    await storage.write("a.txt", "x", { cacheControl: "no-store" })
    expect(await keysOf(disk)).toContainEqual(expect.stringMatching(/^node-storages\/meta\//))
    expect(await Array.fromAsync(namesOf(storage))).toEqual(["a.txt"])
    await storage.write("Größe.txt", "x")
    const refusal = { code: "E_UNALLOWED_CHARACTERS" }
    await expect((async () => disk.exists("Größe.txt"))()).rejects.toMatchObject(refusal)
    await expect(keysOf(disk)).rejects.toMatchObject(refusal)
  })
})

describe("what FlyDrive and node-storages do differently", () => {
  it("put replaces, save does not", async () => {
    const folder = await temporaryFolder()
    const disk = new Disk(new FSDriver({ location: folder, visibility: "public" }))
    await disk.put("a.txt", "first")
    await disk.put("a.txt", "second")
    expect(await disk.get("a.txt")).toBe("second")
    const name = await new LocalStorage(folder).save("a.txt", "third")
    expect(name).toMatch(/^a_\w{7}\.txt$/)
    expect(await disk.get("a.txt")).toBe("second")
  })

  it("a stream that fails leaves a part behind, or the old file cut off; here it leaves the old file", async () => {
    const folder = await temporaryFolder()
    const disk = new Disk(new FSDriver({ location: folder, visibility: "public" }))
    const storage = new LocalStorage(folder)
    const failing = () =>
      Readable.from(
        (function* () {
          yield Buffer.from("half")
          throw new Error("the client went away")
        })(),
      )
    await disk.put("theirs.txt", "the old file")
    await expect(disk.putStream("theirs.txt", failing())).rejects.toMatchObject({ code: "E_CANNOT_WRITE_FILE" })
    expect(await disk.get("theirs.txt")).not.toBe("the old file")
    await storage.write("ours.txt", "the old file")
    await expect(storage.write("ours.txt", failing())).rejects.toMatchObject({ code: "source-failed" })
    expect(await storage.open("ours.txt").text()).toBe("the old file")
  })

  it("a missing file has a code of the operation there, and one of what happened here", async () => {
    const folder = await temporaryFolder()
    const disk = new Disk(new FSDriver({ location: folder, visibility: "public" }))
    await expect(disk.get("missing.txt")).rejects.toMatchObject({ code: "E_CANNOT_READ_FILE" })
    await expect(new LocalStorage(folder).open("missing.txt").text()).rejects.toMatchObject({ code: "not-found" })
  })
})

describeOnS3("a bucket that FlyDrive and S3Storage share", (bucket) => {
  it("has the same objects with the same types, and signed URLs of one serve what the other wrote", async () => {
    const storage = bucket().storage({ location: "shared" })
    const driver = new S3Driver({ client: bucket().client, bucket: bucket().name, visibility: "private" })
    const disk = new Disk(driver)
    await disk.put("shared/theirs.png", "theirs", { cacheControl: "max-age=60" })
    await storage.save("ours.png", "ours", { cacheControl: "max-age=60" })

    expect(await storage.stat("theirs.png")).toMatchObject({ contentType: "image/png", cacheControl: "max-age=60" })
    expect(await storage.open("theirs.png").text()).toBe("theirs")
    expect(await buffer(await disk.getStream("shared/ours.png"))).toEqual(Buffer.from("ours"))
    expect(await disk.getMetaData("shared/ours.png")).toMatchObject({ contentType: "image/png", contentLength: 4 })
    expect(await Array.fromAsync(namesOf(storage))).toEqual(["ours.png", "theirs.png"])
    expect(await keysOf(disk)).toEqual(["shared/ours.png", "shared/theirs.png"])
    const urls = [await disk.getSignedUrl("shared/ours.png"), await storage.url("theirs.png")]
    expect(await Promise.all(urls.map(async (url) => (await fetch(url)).text()))).toEqual(["ours", "theirs"])
  })

  it("has the same public URLs", async () => {
    const cdn = { cdnUrl: "https://cdn.example.com/", visibility: "public" } as const
    const disk = new Disk(new S3Driver({ client: bucket().client, bucket: bucket().name, ...cdn }))
    const behindCdn = bucket().storage({ location: "", baseUrl: "https://cdn.example.com/" })
    const direct = new Disk(new S3Driver({ client: bucket().client, bucket: bucket().name, visibility: "public" }))
    const open = bucket().storage({ location: "", signedUrls: false })
    for (const name of ["a.png", "avatars/2024/a b_c-d.png"]) {
      expect(await disk.getUrl(name)).toBe(behindCdn.publicUrl(name))
      expect(await direct.getUrl(name)).toBe(open.publicUrl(name))
    }
  })

  it("takes no stream of unknown length from FlyDrive", async () => {
    const driver = new S3Driver({ client: bucket().client, bucket: bucket().name, visibility: "private" })
    const content = () => Readable.from([Buffer.from("ab"), Buffer.from("cd")])
    await expect(new Disk(driver).putStream("stream.bin", content())).rejects.toMatchObject({
      code: "E_CANNOT_WRITE_FILE",
    })
    const storage = bucket().storage()
    expect((await storage.write("stream.bin", content())).size).toBe(4)
  })
})
