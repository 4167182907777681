import { LocalStorage } from "@node-storages/local"
import { Files, FilesError } from "files-sdk"
import { fs } from "files-sdk/fs"
import { s3 } from "files-sdk/s3"
import { describe, expect, it } from "vitest"
import { namesOf } from "../names-of.ts"
import { connectionOptions, describeOnS3 } from "../s3/support.ts"
import { temporaryFolder } from "./folder.ts"

describe("a folder that Files SDK and LocalStorage share", () => {
  it("has the same files under the same names, whoever wrote them, and a record beside each of theirs", async () => {
    const folder = await temporaryFolder()
    const files = new Files({ adapter: fs({ root: folder }) })
    const storage = new LocalStorage(folder)
    await files.upload("avatars/a b.png", "theirs", { contentType: "image/png", metadata: { owner: "7" } })
    await storage.write("avatars/c.png", "ours")

    expect(await storage.open("avatars/a b.png").text()).toBe("theirs")
    expect(await (await files.download("avatars/c.png")).text()).toBe("ours")
    const listed = await Array.fromAsync(files.listAll())
    expect(listed.map(({ key }) => key)).toEqual(["avatars/a b.png", "avatars/c.png"])
    // Their headers are in files of their own, ours are told by the name.
    expect(await Array.fromAsync(namesOf(storage))).toEqual([
      "avatars/a b.png",
      "avatars/a b.png.meta.json",
      "avatars/c.png",
    ])
    expect((await storage.stat("avatars/a b.png")).metadata).toBeUndefined()
    expect((await files.head("avatars/c.png")).type).toBe("application/octet-stream")
  })
})

describe("URLs of Files SDK and of LocalStorage", () => {
  it("are the same for the same base", async () => {
    const folder = await temporaryFolder()
    const files = new Files({ adapter: fs({ root: folder, urlBaseUrl: "https://media.example.com" }) })
    const storage = new LocalStorage(folder, { baseUrl: "https://media.example.com/" })
    for (const name of ["a.png", "avatars/a b#1.png", "Größe?.png"]) {
      expect(storage.publicUrl(name)).toBe(await files.url(name))
    }
  })
})

describe("what Files SDK and node-storages do differently", () => {
  it("upload replaces, save does not", async () => {
    const folder = await temporaryFolder()
    const files = new Files({ adapter: fs({ root: folder }) })
    await files.upload("a.txt", "first")
    await files.upload("a.txt", "second")
    const name = await new LocalStorage(folder).save("a.txt", "third")
    expect(name).toMatch(/^a_\w{7}\.txt$/)
    expect(await (await files.download("a.txt")).text()).toBe("second")
  })

  it("a missing file has the code NotFound there, and not-found here", async () => {
    const folder = await temporaryFolder()
    const error: unknown = await new Files({ adapter: fs({ root: folder }) })
      .download("missing.txt")
      .catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(FilesError)
    expect((error as FilesError).code).toBe("NotFound")
    await expect(new LocalStorage(folder).open("missing.txt").text()).rejects.toMatchObject({ code: "not-found" })
  })

  it("a type that is not given is the content's there, and the name's here", async () => {
    const folder = await temporaryFolder()
    const files = new Files({ adapter: fs({ root: folder }) })
    expect((await files.upload("a.json", "{}")).contentType).toBe("text/plain; charset=utf-8")
    expect((await new LocalStorage(folder).write("b.json", "{}")).contentType).toBe("application/json")
  })
})

describeOnS3("a bucket that Files SDK and S3Storage share", (bucket) => {
  it("has the same objects with types and metadata, and URLs of one serve what the other wrote", async () => {
    const storage = bucket().storage({ location: "shared" })
    const connection = connectionOptions(bucket().connection)
    const files = new Files({
      adapter: s3({ ...connection, bucket: bucket().name, forcePathStyle: true }),
      prefix: "shared",
    })
    await files.upload("theirs.png", "theirs", { contentType: "image/png", metadata: { owner: "7" } })
    await storage.save("ours.png", "ours", { metadata: { owner: "8" } })

    expect(await storage.stat("theirs.png")).toMatchObject({ contentType: "image/png", metadata: { owner: "7" } })
    expect(await storage.open("theirs.png").text()).toBe("theirs")
    const ours = await files.download("ours.png")
    expect([ours.type, ours.metadata, await ours.text()]).toEqual(["image/png", { owner: "8" }, "ours"])
    expect(await Array.fromAsync(namesOf(storage))).toEqual(["ours.png", "theirs.png"])
    expect((await Array.fromAsync(files.listAll())).map(({ key }) => key)).toEqual(["ours.png", "theirs.png"])
    const urls = [await files.url("ours.png"), await storage.url("theirs.png")]
    expect(await Promise.all(urls.map(async (url) => (await fetch(url)).text()))).toEqual(["ours", "theirs"])
  })
})
