import { readdir, readFile, stat, symlink, utimes, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { Readable } from "node:stream"
import type { MultipartUpload } from "@node-storages/core"
import { describe, expect, test } from "vitest"
import { hooked, systemError } from "../test/faulty.ts"
import { chunksOf, filesBelow, internalFiles, temporaryRoot } from "../test/root.ts"
import { LocalStorage, type LocalStorageOptions } from "./index.ts"

const SIGNED = { signingKeys: ["k".repeat(32)], baseUrl: "/media/" }
const UPLOADS = join(".node-storages", "uploads")

async function started(options: LocalStorageOptions = {}) {
  const root = await temporaryRoot()
  const storage = new LocalStorage(root, { ...SIGNED, ...options })
  const upload = await storage.startMultipart("d/film.mp4", { cacheControl: "no-store", metadata: { owner: "7" } })
  return { root, storage, upload, directory: join(root, UPLOADS, upload.id) }
}

const codeOf = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => "no error",
    (error: { code: string }) => error.code,
  )

describe("an upload in parts on disk", () => {
  test("is a directory with a record, in which parts are files, and is gone when it is complete", async () => {
    const { root, storage, upload, directory } = await started()
    await upload.storePart(2, "world")
    await upload.storePart(1, Readable.from(["hel", "lo "]))
    expect((await readdir(directory)).toSorted()).toEqual(["1", "2", "upload.json"])
    expect(await filesBelow(root)).toEqual(await internalFiles(root))
    expect(await upload.complete()).toMatchObject({
      name: "d/film.mp4",
      size: 11,
      contentType: "video/mp4",
      cacheControl: "no-store",
      metadata: { owner: "7" },
    })
    expect(await readFile(join(root, "d", "film.mp4"), "utf8")).toBe("hello world")
    expect((await storage.stat("d/film.mp4")).metadata).toEqual({ owner: "7" })
    expect(await readdir(join(root, UPLOADS))).toEqual([])
    expect((await internalFiles(root)).filter((path) => path.includes("tmp"))).toEqual([])
  })

  test("is gone on with by another process, which has its id", async () => {
    const { root, upload } = await started()
    await upload.storePart(1, "one")
    const again = new LocalStorage(root, SIGNED).multipart("d/film.mp4", upload.id)
    await again.storePart(2, "two")
    expect((await again.complete()).size).toBe(6)
  })

  test("has the storage's modes, whatever the umask", async () => {
    const { root, upload } = await started({ fileMode: 0o640, directoryMode: 0o750 })
    await upload.storePart(1, "x")
    await upload.complete()
    expect((await stat(join(root, "d", "film.mp4"))).mode & 0o777).toBe(0o640)
    expect((await stat(join(root, UPLOADS))).mode & 0o777).toBe(0o750)
  })

  test("is put together of more than a block of each part", async () => {
    const { storage, upload } = await started()
    const size = 2.5 * 1024 * 1024
    for (const number of [1, 2, 3]) await upload.storePart(number, chunksOf(number, size))
    expect((await upload.complete()).size).toBe(3 * size)
    const bytes = Buffer.from(await storage.open("d/film.mp4").bytes())
    for (const number of [1, 2, 3]) {
      expect(bytes.subarray((number - 1) * size, number * size).equals(Buffer.alloc(size, number))).toBe(true)
    }
  })

  test("is not there without signing keys: nobody could send a part", async () => {
    const storage = new LocalStorage(await temporaryRoot(), { baseUrl: "/media/" })
    expect(await codeOf(storage.startMultipart("a"))).toBe("unsupported")
  })

  test("has URLs that allow one part of one size", async () => {
    const { storage, upload } = await started()
    const signed = await upload.signPart(3, { size: 17, expiresIn: "10m" })
    expect(signed).toMatchObject({ method: "PUT", headers: {}, fields: {} })
    const [path, token] = signed.url.split("?signed=")
    expect(path).toBe("/media/d/film.mp4")
    expect(storage.checkSigned!("d/film.mp4", token!)).toMatchObject({
      method: "PUT",
      size: 17,
      part: { uploadId: upload.id, number: 3 },
    })
    expect(storage.checkSigned!("d/other.mp4", token!)).toBeUndefined()
  })
})

describe("an id", () => {
  test("that is none leads nowhere on disk", async () => {
    const { root, storage, upload } = await started()
    await storage.write("kept.txt", "kept")
    const record = join(root, UPLOADS, "upload.json")
    await writeFile(record, JSON.stringify({ version: 1, key: "d/film.mp4" }))
    for (const id of [
      ".",
      "..",
      "../..",
      "../../kept.txt",
      `../uploads/${upload.id}`,
      upload.id.toUpperCase(),
      "%2e",
      "/",
    ]) {
      const other = storage.multipart("d/film.mp4", id)
      expect(await codeOf(other.parts())).toBe("not-found")
      expect(await codeOf(other.storePart(1, "x"))).toBe("not-found")
      expect(await codeOf(other.complete([{ number: 1, size: 1 }]))).toBe("not-found")
      await other.abort()
    }
    expect(await readFile(join(root, "kept.txt"), "utf8")).toBe("kept")
    expect(await readFile(record, "utf8")).toContain("film")
    expect(await upload.parts()).toEqual([])
  })

  test("of a directory that is a link is refused", async () => {
    const { root, storage } = await started()
    const [outside, id] = [await temporaryRoot(), "a".repeat(32)]
    await writeFile(join(outside, "upload.json"), JSON.stringify({ version: 1, key: "a" }))
    await symlink(outside, join(root, UPLOADS, id))
    const upload = storage.multipart("a", id)
    expect(await codeOf(upload.storePart(1, "x"))).toBe("permission-denied")
    expect(await readdir(outside)).toEqual(["upload.json"])
  })

  test("whose record is damaged is none", async () => {
    const { directory, upload } = await started()
    await writeFile(join(directory, "upload.json"), "{")
    expect(await codeOf(upload.parts())).toBe("not-found")
  })
})

describe("a part", () => {
  test("whose stream fails leaves nothing, and the one before in place", async () => {
    const { root, upload } = await started()
    await upload.storePart(1, "whole")
    const failing = Readable.from(
      (async function* () {
        yield "half"
        throw new Error("the client is gone")
      })(),
    )
    expect(await codeOf(upload.storePart(1, failing))).toBe("source-failed")
    expect(await upload.parts()).toMatchObject([{ number: 1, size: 5 }])
    expect((await internalFiles(root)).filter((path) => path.includes("tmp"))).toEqual([])
  })

  test("that arrives when its upload has ended is not-found, and leaves nothing", async () => {
    const end: Record<string, (upload: MultipartUpload) => Promise<unknown>> = {
      abort: (upload) => upload.abort(),
      complete: (upload) => upload.complete(),
    }
    for (const act of Object.values(end)) {
      const { root, storage, upload } = await started()
      await upload.storePart(1, "first")
      const late = Readable.from(
        (async function* () {
          yield "half"
          await act(storage.multipart(upload.name, upload.id))
          yield "other half"
        })(),
      )
      expect(await codeOf(upload.storePart(2, late))).toBe("not-found")
      expect(await readdir(join(root, UPLOADS))).toEqual([])
      expect((await internalFiles(root)).filter((path) => path.includes("tmp"))).toEqual([])
    }
  })

  test("that comes between the end of its upload and the removal of its directory is removed with it", async () => {
    const root = await temporaryRoot()
    let act: (() => Promise<void>) | undefined
    const ended: Promise<void>[] = []
    const fileSystem = hooked((call, path) => {
      if (call !== "rename" || !/[/\\]2$/.test(path) || !act) return
      ended.push(act())
      act = undefined
    })
    const storage = new LocalStorage(root, { ...SIGNED, fileSystem })
    const upload = await storage.startMultipart("a.bin")
    await upload.storePart(1, "first")
    act = () => new LocalStorage(root, SIGNED).multipart("a.bin", upload.id).abort()
    const stored = codeOf(upload.storePart(2, "second"))
    expect(["not-found", "no error"]).toContain(await stored)
    await Promise.all(ended)
    expect(await codeOf(upload.parts())).toBe("not-found")
  })

  test("that was sent again since it was listed is told, and so is one that is missing", async () => {
    const { storage, upload } = await started()
    await upload.storePart(1, "first")
    const listed = await upload.parts()
    await upload.storePart(1, "again")
    expect(await codeOf(upload.complete(listed))).toBe("conflict")
    expect(await codeOf(upload.complete([...(await upload.parts()), { number: 2, size: 1 }]))).toBe("conflict")
    expect(await storage.exists("d/film.mp4")).toBe(false)
    await upload.complete()
    expect(await storage.open("d/film.mp4").text()).toBe("again")
  })
})

describe("a completion that fails", () => {
  test.each([
    ["handle.write", "ENOSPC", "no-space"],
    ["handle.read", "EIO", "unknown"],
    ["rename", "EACCES", "permission-denied"],
  ])("at %s leaves the old file, the parts, and no temporary file: %s", async (call, error, code) => {
    const root = await temporaryRoot()
    let fails = false
    const fileSystem = hooked((name) => {
      if (fails && name === call) throw systemError(error)
    })
    const storage = new LocalStorage(root, { ...SIGNED, fileSystem })
    await storage.write("a.bin", "old")
    const upload = await storage.startMultipart("a.bin")
    await upload.storePart(1, "new")
    fails = true
    expect(await codeOf(upload.complete())).toBe(code)
    fails = false
    expect(await storage.open("a.bin").text()).toBe("old")
    expect((await internalFiles(root)).filter((path) => path.includes("tmp"))).toEqual([])
    await upload.complete()
    expect(await storage.open("a.bin").text()).toBe("new")
  })

  test("because a directory has the name says so, and the upload is there still", async () => {
    const { storage, upload } = await started()
    await upload.storePart(1, "x")
    await storage.write("d/film.mp4/inside.txt", "x")
    expect(await codeOf(upload.complete())).toBe("conflict")
    expect(await upload.parts()).toHaveLength(1)
  })
})

describe("sweep", () => {
  const hoursAgo = (hours: number) => Date.now() / 1000 - hours * 3600

  async function age(directory: string, hours: number): Promise<void> {
    for (const name of await readdir(directory)) await utimes(join(directory, name), hoursAgo(hours), hoursAgo(hours))
    await utimes(directory, hoursAgo(hours), hoursAgo(hours))
  }

  test("removes uploads of which nothing has arrived for a day, or for the time given", async () => {
    const { root, storage, upload, directory } = await started()
    await upload.storePart(1, "x")
    const live = await storage.startMultipart("live.bin")
    await age(directory, 25)
    await age(join(root, UPLOADS, live.id), 23)
    expect(await storage.sweep()).toEqual({ temporaryFiles: 0, records: 0, uploads: 1 })
    expect(await codeOf(upload.parts())).toBe("not-found")
    expect(await live.parts()).toEqual([])
    expect(await new LocalStorage(root).sweep({ olderThan: "22h" })).toMatchObject({ uploads: 1 })
    expect(await readdir(join(root, UPLOADS))).toEqual([])
  })

  test("counts from the part that came last, and leaves alone what is no upload", async () => {
    const { root, storage, upload, directory } = await started()
    await age(directory, 48)
    await upload.storePart(1, "x")
    await writeFile(join(root, UPLOADS, "notes.txt"), "by hand")
    await utimes(join(root, UPLOADS, "notes.txt"), hoursAgo(48), hoursAgo(48))
    expect(await storage.sweep()).toMatchObject({ uploads: 0 })
    expect(await upload.parts()).toHaveLength(1)
    expect(await readdir(join(root, UPLOADS))).toContain("notes.txt")
  })
})
