import { Readable } from "node:stream"
import { AwsS3StorageAdapter } from "@flystorage/aws-s3"
import { FileStorage, isFile, UnableToReadFile } from "@flystorage/file-storage"
import { LocalStorageAdapter } from "@flystorage/local-fs"
import { LocalStorage } from "@node-storages/local"
import { describe, expect, it } from "vitest"
import { namesOf } from "../names-of.ts"
import { describeOnS3 } from "../s3/support.ts"
import { temporaryFolder } from "./folder.ts"

async function pathsOf(storage: FileStorage, path = ""): Promise<string[]> {
  const entries = await storage.list(path, { deep: true }).toArray()
  return entries.filter(isFile).map((entry) => entry.path)
}

describe("a folder that Flystorage and LocalStorage share", () => {
  it("has the same files under the same names, whoever wrote them", async () => {
    const folder = await temporaryFolder()
    const theirs = new FileStorage(new LocalStorageAdapter(folder))
    const ours = new LocalStorage(folder)
    await theirs.write("avatars/Größe 1.txt", "theirs")
    await theirs.write("avatars/stream.bin", Readable.from([Buffer.from("bytes")]))
    await ours.write("avatars/c.txt", "ours")

    expect(await ours.open("avatars/Größe 1.txt").text()).toBe("theirs")
    expect(await ours.stat("avatars/stream.bin")).toMatchObject({ size: 5, contentType: "application/octet-stream" })
    expect(await theirs.readToString("avatars/c.txt")).toBe("ours")
    const names = await Array.fromAsync(namesOf(ours))
    expect(names).toEqual(["avatars/Größe 1.txt", "avatars/c.txt", "avatars/stream.bin"])
    expect((await pathsOf(theirs)).toSorted()).toEqual(names.toSorted())
    const seconds = (time: number | Date) => Math.floor(Number(time) / 1000)
    expect(seconds(await theirs.lastModified("avatars/c.txt"))).toBe(
      seconds((await ours.stat("avatars/c.txt")).modified),
    )
    expect(await theirs.checksum("avatars/c.txt", { algo: "sha256" })).toHaveLength(64)
  })

  it("has records of headers that Flystorage lists, and empty directories that node-storages does not", async () => {
    const folder = await temporaryFolder()
    const theirs = new FileStorage(new LocalStorageAdapter(folder))
    const ours = new LocalStorage(folder)
    await ours.write("a.txt", "x", { metadata: { owner: "1" } })
    await theirs.createDirectory("empty")
    expect(await pathsOf(theirs)).toContainEqual(expect.stringMatching(/^\.node-storages\/meta\//))
    expect(await Array.fromAsync(namesOf(ours))).toEqual(["a.txt"])
    expect(await theirs.directoryExists("empty")).toBe(true)
  })
})

describe("what Flystorage and node-storages do differently", () => {
  it("write replaces in both; save is there for not replacing", async () => {
    const folder = await temporaryFolder()
    const theirs = new FileStorage(new LocalStorageAdapter(folder))
    await theirs.write("a.txt", "first")
    await theirs.write("a.txt", "second")
    expect(await new LocalStorage(folder).save("a.txt", "third")).toMatch(/^a_\w{7}\.txt$/)
    expect(await theirs.readToString("a.txt")).toBe("second")
  })

  it("a missing file is told when its bytes come, as an error of a class there, and by a code here", async () => {
    const folder = await temporaryFolder()
    const theirs = new FileStorage(new LocalStorageAdapter(folder))
    const error: unknown = await theirs.readToString("missing.txt").catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(UnableToReadFile)
    expect((error as UnableToReadFile).wasFileNotFound).toBe(true)
    await expect(new LocalStorage(folder).open("missing.txt").text()).rejects.toMatchObject({ code: "not-found" })
  })

  it("a stream that fails leaves a part behind there, and the old file here", async () => {
    const folder = await temporaryFolder()
    const theirs = new FileStorage(new LocalStorageAdapter(folder))
    const ours = new LocalStorage(folder)
    const failing = () =>
      Readable.from(
        (function* () {
          yield Buffer.from("half")
          throw new Error("the client went away")
        })(),
      )
    await theirs.write("theirs.txt", "the old file")
    await expect(theirs.write("theirs.txt", failing())).rejects.toThrow("the client went away")
    expect(await theirs.readToString("theirs.txt")).not.toBe("the old file")
    await ours.write("ours.txt", "the old file")
    await expect(ours.write("ours.txt", failing())).rejects.toMatchObject({ code: "source-failed" })
    expect(await ours.open("ours.txt").text()).toBe("the old file")
  })
})

describeOnS3("a bucket that Flystorage and S3Storage share", (bucket) => {
  it("has the same objects with the same types, and temporary URLs of one serve what the other wrote", async () => {
    const ours = bucket().storage({ location: "shared" })
    const adapter = new AwsS3StorageAdapter(bucket().client, { bucket: bucket().name, prefix: "shared" })
    const theirs = new FileStorage(adapter)
    await theirs.write("theirs.png", "theirs", { mimeType: "image/png", cacheControl: "max-age=60" })
    await ours.save("ours.png", "ours")
    await theirs.createDirectory("folder")

    expect(await ours.stat("theirs.png")).toMatchObject({ contentType: "image/png", cacheControl: "max-age=60" })
    expect(await ours.open("theirs.png").text()).toBe("theirs")
    expect(await theirs.readToString("ours.png")).toBe("ours")
    expect(await theirs.mimeType("ours.png")).toBe("image/png")
    // The object "folder/" that stands for a directory is no file.
    expect(await Array.fromAsync(namesOf(ours))).toEqual(["ours.png", "theirs.png"])
    expect(await pathsOf(theirs)).toEqual(["ours.png", "theirs.png"])
    expect(await bucket().keys("shared/")).toContain("shared/folder/")
    const expiresAt = Date.now() + 3_600_000
    const urls = [await theirs.temporaryUrl("ours.png", { expiresAt }), await ours.url("theirs.png")]
    expect(await Promise.all(urls.map(async (url) => (await fetch(url)).text()))).toEqual(["ours", "theirs"])
  })
})
