import { type Layer, passThrough, prefix, type Storage, StorageError, intercept } from "@node-storages/core"
import { LocalStorage } from "@node-storages/local"
import { MemoryStorage } from "@node-storages/memory"
import { mkdtempSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { Publisher, type PublishProgress } from "@node-storages/static"
import {
  bytesOf,
  contents,
  counted,
  expectRelease,
  filesOf,
  hashedName,
  historyOf,
  likeS3,
  listsDigests,
  publish,
  type Release,
  staticFailureOf,
} from "./support.ts"

const FIRST: Release = { "css/app.css": "a{}", "js/app.js": "let a", "robots.txt": "allow" }
const SECOND: Release = { ...FIRST, "css/app.css": "b{}" }

const TARGETS: Readonly<Record<string, () => Storage>> = {
  memory: () => new MemoryStorage(),
  disk: () => new LocalStorage(mkdtempSync(join(tmpdir(), "publish-"))),
  "what lists as S3 does": () => new MemoryStorage().with(likeS3()),
  "what lists digests": () => new MemoryStorage().with(listsDigests()),
  "what lists digests and no headers": () => new MemoryStorage().with(withoutHeaders(), listsDigests()),
  "a location": () => new MemoryStorage({ location: "static" }),
}

function withoutHeaders(): Layer {
  return (next) => ({
    ...passThrough(next),
    page: async (options) => {
      const page = await next.page(options)
      const bare = page.files.map(({ name, size, modified, etag }) => ({ name, size, modified, etag }))
      return { ...page, files: bare }
    },
  })
}

describe.each(Object.entries(TARGETS))("publishing to %s", (_, create) => {
  it("writes each file once, and the manifest last", async () => {
    const order: string[] = []
    const { layer, calls } = counted()
    const target = create().with(layer, (next) => ({
      ...next,
      put: (key, body, options) => {
        order.push(key)
        return next.put(key, body, options)
      },
    }))
    const report = await publish(target, FIRST)
    expect(calls).toEqual({ page: 1, put: 7 })
    expect(order.at(-1)).toBe("staticfiles.json")
    expect(report).toMatchObject({ written: 6, unchanged: 0, deleted: 0, manifest: "written", dryRun: false })
    expect(report.bytesWritten).toBe(2 * (3 + 5 + 5))
    expect(report.names).toEqual(order.slice(0, -1).toSorted())
    expect(JSON.parse(JSON.stringify(report))).toEqual(report)
    await expectRelease(target, FIRST)
  })

  it("a second time does no write and no delete, reads the manifest, and lists once", async () => {
    const bare = create()
    await publish(bare, FIRST, { encodings: ["br", "gzip"] })
    const { layer, calls } = counted()
    const before = await contents(bare, true)
    const report = await publish(bare.with(layer), FIRST, { encodings: ["br", "gzip"] })
    expect(calls).toEqual({ page: 1, get: 1 })
    expect(report).toMatchObject({ written: 0, unchanged: 18, bytesWritten: 0, manifest: "unchanged", names: [] })
    expect(await contents(bare, true)).toEqual(before)
  })

  it("writes what has changed and no more, though its size is the same", async () => {
    const target = create()
    await publish(target, FIRST)
    const report = await publish(target, SECOND)
    expect(report.names).toEqual([hashedName("css/app.css", "b{}"), "css/app.css"].toSorted())
    await expectRelease(target, SECOND)
    const texts = await contents(target)
    expect([texts["css/app.css"], texts[hashedName("css/app.css", "a{}")]]).toEqual(["b{}", "a{}"])
    expect(await historyOf(target)).toHaveLength(1)
  })

  it("notices a plain file that a failed run has left in another version of the same size", async () => {
    const target = create()
    await publish(target, FIRST)
    const { files } = filesOf(SECOND)
    const publisher = await Publisher.open(target)
    for (const file of files) await publisher.publish(file)
    const report = await publish(target, FIRST)
    expect(report.names).toEqual(["css/app.css"])
    expect(await contents(target)).toMatchObject({ "css/app.css": "a{}" })
    expect((await publish(target, FIRST)).written).toBe(0)
  })

  it("heals a hashed file of a wrong size", async () => {
    const target = create()
    await publish(target, FIRST)
    const name = hashedName("js/app.js", "let a")
    await target.write(name, "half", { contentType: "text/plain", cacheControl: "public" })
    expect((await publish(target, FIRST)).names).toEqual([name])
    await expectRelease(target, FIRST)
  })

  it("writes a file whose headers have changed, and no other", async () => {
    const target = create()
    await publish(target, FIRST, { cacheControl: "public" })
    const { files, manifest } = filesOf(FIRST, { cacheControl: "public" })
    const changed = files.map((file) => (file.name.endsWith(".js") ? { ...file, cacheControl: "no-cache" } : file))
    const collect = async () => {
      const publisher = await Publisher.open(target)
      for (const file of changed) await publisher.publish(file)
      return publisher.finish(manifest)
    }
    expect(await collect()).toMatchObject({
      names: [hashedName("js/app.js", "let a"), "js/app.js"].toSorted(),
      manifest: "written",
    })
    expect((await target.stat("js/app.js")).cacheControl).toBe("no-cache")
    expect(await collect()).toMatchObject({ written: 0, manifest: "unchanged" })
  })

  it("a dry run tells what would be written, and writes nothing", async () => {
    const target = create()
    const { layer, calls } = counted()
    expect(await publish(target.with(layer), FIRST, { dryRun: true })).toMatchObject({
      written: 6,
      manifest: "written",
    })
    expect(calls).toEqual({ page: 1 })
    await publish(target, FIRST)
    const before = await contents(target, true)
    expect(await publish(target, FIRST, { dryRun: true })).toMatchObject({ written: 0, manifest: "unchanged" })
    const wet = await publish(target, SECOND, { dryRun: true })
    expect(await contents(target, true)).toEqual(before)
    expect({ ...(await publish(target, SECOND)), dryRun: true }).toEqual(wet)
  })

  it("going back to an earlier release writes only its plain files", async () => {
    const target = create()
    await publish(target, FIRST)
    await publish(target, SECOND)
    expect((await publish(target, FIRST)).names).toEqual(["css/app.css"])
    await expectRelease(target, FIRST)
  })
})

describe("a file that the listing tells the MD5 of", () => {
  it("is healed where its bytes are others of the same size", async () => {
    const target = new MemoryStorage().with(listsDigests())
    await publish(target, FIRST)
    const name = hashedName("js/app.js", "let a")
    await target.write(name, "let x", { contentType: "text/plain", cacheControl: "public" })
    expect((await publish(target, FIRST)).names).toEqual([name])
    await expectRelease(target, FIRST)
  })
})

describe("an upload that fails", () => {
  it.each([0, 1, 2, 3, 4, 5])(
    "as number %i of 6 leaves the release before whole, and the next run completes",
    async (n) => {
      const target = new MemoryStorage()
      const old = { "a.css": "old a", "b.css": "old b" }
      await publish(target, old)
      const before = await contents(target, true)
      let puts = 0
      const failing = target.with(
        intercept((call) => {
          if (call.member === "put" && puts++ === n) throw new StorageError("unavailable", "the service is down")
          return call.run(call.signal)
        }),
      )
      const { files, manifest } = filesOf(FIRST)
      const publisher = await Publisher.open(failing, { concurrency: 1 })
      const results = await Promise.allSettled(files.map((file) => publisher.publish(file)))
      expect(results.map(({ status }) => status)).toEqual(files.map((_, i) => (i < n ? "fulfilled" : "rejected")))
      const error = await staticFailureOf(publisher.finish(manifest), "publish-failed")
      expect(error.file).toBe(files[n]!.name)
      expect(error.cause).toMatchObject({ code: "unavailable" })
      expect(error.message).toContain("the service is down")
      expect(puts).toBe(n + 1)
      expect(await contents(target, true)).toMatchObject(before)
      expect(await publish(target, FIRST)).toMatchObject({ manifest: "written" })
      await expectRelease(target, FIRST)
    },
  )

  it("stops those that wait for a place", async () => {
    const { files } = filesOf(FIRST)
    const { layer, calls } = counted()
    const refuse = () => Promise.reject(new StorageError("permission-denied", "no"))
    const target = new MemoryStorage().with(layer, (next) => ({ ...next, put: refuse }))
    const publisher = await Publisher.open(target, { concurrency: 2 })
    await Promise.allSettled(files.map((file) => publisher.publish(file)))
    expect(calls["put"]).toBe(2)
  })
})

describe("what the caller decides", () => {
  it("never stores more files at once than its concurrency, and all in the end", async () => {
    let [running, most] = [0, 0]
    const target = new MemoryStorage().with(
      intercept(async (call) => {
        most = Math.max(most, ++running)
        await new Promise((resolve) => setTimeout(resolve, 1))
        return call.run(call.signal).finally(() => running--)
      }),
    )
    const release = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`f${i}.txt`, `text ${i}`]))
    const { files, manifest } = filesOf(release)
    const publisher = await Publisher.open(target, { concurrency: 5 })
    const all = files.map((file) => publisher.publish(file))
    await publisher.finish(manifest)
    await Promise.all(all)
    expect(most).toBe(5)
    await expectRelease(target, release)
  })

  it("is told of each file", async () => {
    const target = new MemoryStorage()
    await publish(target, FIRST)
    const seen: PublishProgress[] = []
    await publish(target, SECOND, { onProgress: (progress) => seen.push(progress) })
    expect(seen.map(({ done }) => done)).toEqual([1, 2, 3, 4, 5, 6])
    expect(seen.filter(({ action }) => action === "written").map(({ name }) => name)).toEqual([
      hashedName("css/app.css", "b{}"),
      "css/app.css",
    ])
  })

  it("writes nothing after its signal", async () => {
    const target = new MemoryStorage()
    const controller = new AbortController()
    const { files, manifest } = filesOf(FIRST)
    const publisher = await Publisher.open(target, { signal: controller.signal })
    await publisher.publish(files[0]!)
    controller.abort()
    await expect(publisher.publish(files[1]!)).rejects.toMatchObject({ code: "aborted" })
    await expect(publisher.finish(manifest)).rejects.toMatchObject({ code: "aborted" })
    expect(Object.keys(await contents(target))).toEqual([files[0]!.name])
    await expect(Publisher.open(target, { signal: controller.signal })).rejects.toMatchObject({ code: "aborted" })
  })

  it("may name the manifest: two of them don't meet", async () => {
    const target = new MemoryStorage()
    await publish(target, FIRST, { manifest: "one.json" })
    await publish(target, { "x.txt": "x" }, { manifest: "meta/two.json" })
    await publish(target, SECOND, { manifest: "one.json" })
    expect(await historyOf(target)).toEqual([expect.stringMatching(/^\.staticfiles\/one\.json\//)])
    await staticFailureOf(Publisher.open(target, { manifest: "../x.json" }), "invalid-option")
    await staticFailureOf(Publisher.open(target, { manifest: ".staticfiles/x.json" }), "invalid-option")
  })

  it("mistyped is refused", async () => {
    await expect(Publisher.open(new MemoryStorage(), { dryrun: true } as object)).rejects.toThrow('"dryRun"')
    await expect(Publisher.open(new MemoryStorage(), { concurrency: 0 })).rejects.toMatchObject({
      code: "invalid-option",
    })
  })
})

describe("a target with many files", () => {
  it("is listed with a request per 1,000 of them, and compared without any other", async () => {
    const bare = new MemoryStorage()
    const release = Object.fromEntries(Array.from({ length: 2500 }, (_, i) => [`f${i}.txt`, `text ${i}`]))
    await publish(bare, release, { plain: false })
    const { layer, calls } = counted()
    expect(await publish(bare.with(layer), release, { plain: false })).toMatchObject({ unchanged: 2500, written: 0 })
    expect(calls).toEqual({ page: 3, get: 1 })
  })
})

describe("a publisher that has finished", () => {
  it("takes no more files, and does not finish again", async () => {
    const { files, manifest } = filesOf(FIRST)
    const publisher = await Publisher.open(new MemoryStorage())
    for (const file of files) await publisher.publish(file)
    await publisher.finish(manifest)
    await staticFailureOf(publisher.publish({ ...files[0]!, name: "late.css" }), "invalid-option")
    await staticFailureOf(publisher.finish(manifest), "invalid-option")
    expect(publisher.report).toMatchObject({ written: 6, manifest: "written" })
  })
})

describe("files that must not be", () => {
  const file = { name: "a.txt", bytes: bytesOf("a"), contentType: "text/plain", cacheControl: "public", hashed: true }

  it("the same given twice is stored once", async () => {
    const { layer, calls } = counted()
    const publisher = await Publisher.open(new MemoryStorage().with(layer))
    await Promise.all([publisher.publish(file), publisher.publish(file)])
    expect(calls["put"]).toBe(1)
    expect(publisher.report.written).toBe(1)
  })

  it("two of different content under one name clash", async () => {
    const publisher = await Publisher.open(new MemoryStorage())
    await publisher.publish(file)
    await staticFailureOf(publisher.publish({ ...file, bytes: bytesOf("b") }), "name-clash")
  })

  it.each(["staticfiles.json", "StaticFiles.json", ".staticfiles/x"])("none is published as %s", async (name) => {
    const publisher = await Publisher.open(new MemoryStorage())
    await staticFailureOf(publisher.publish({ ...file, name }), "invalid-name")
  })

  it("a manifest that names what was not published is not written", async () => {
    const target = new MemoryStorage()
    const publisher = await Publisher.open(target)
    await staticFailureOf(publisher.finish(filesOf(FIRST).manifest), "invalid-manifest")
    expect(await contents(target)).toEqual({})
  })

  it("a target that compresses by itself is refused", async () => {
    const target = new MemoryStorage().with((next) => ({
      ...next,
      put: async (key, body, options) => ({ ...(await next.put(key, body, options)), decoded: true }),
    }))
    const publisher = await Publisher.open(target)
    expect((await staticFailureOf(publisher.publish(file), "invalid-option")).message).toContain("gzip")
  })
})

describe("an old manifest", () => {
  it("that is damaged is an error, unless it is to be ignored", async () => {
    const target = new MemoryStorage()
    await publish(target, FIRST)
    await target.write("staticfiles.json", "{")
    const error = await staticFailureOf(Publisher.open(target), "invalid-manifest")
    expect(error.message).toContain("staticfiles.json in memory:")
    expect(await publish(target, FIRST, { ignoreOldManifest: true })).toMatchObject({ written: 3, unchanged: 3 })
    await expectRelease(target, FIRST)
    expect(await historyOf(target)).toEqual([])
  })

  it("is told, and one that is missing is none", async () => {
    const target = new MemoryStorage()
    expect((await Publisher.open(target)).previous).toBeUndefined()
    await publish(target, FIRST)
    expect(Object.keys((await Publisher.open(target)).previous!.files)).toEqual(Object.keys(FIRST))
  })

  it("is read through a prefix as well: nothing outside of it is touched", async () => {
    const target = new MemoryStorage()
    await target.write("outside.txt", "x")
    await publish(target.with(prefix("site")), FIRST)
    expect(Object.keys(await contents(target)).filter((name) => !name.startsWith("site/"))).toEqual(["outside.txt"])
  })
})
