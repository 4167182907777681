import { gunzipSync } from "node:zlib"
import { LocalStorage } from "@node-storages/local"
import { MemoryStorage } from "@node-storages/memory"
import { collect, prune, StaticFiles, type StaticOptions } from "@node-storages/static"
import { describe, expect, it } from "vitest"
import { define, filesIn, manifestIn } from "./inspect.ts"
import { SITE, temporaryFolder, writeFiles } from "./site.ts"

const invalid = (message: string) =>
  expect.objectContaining({ code: "invalid-option", message: expect.stringContaining(message) as string }) as Error

describe("unhashed", () => {
  const worker = {
    ...SITE,
    "sw.js": 'importScripts("js/vendor.js")\n',
    "js/a.js": 'import "./b.js"\nexport const worker = new URL("../sw.js", import.meta.url)\n',
  }

  it("leaves a service worker its name, and what it loads is the new release's", async () => {
    const storage = new MemoryStorage({ baseUrl: "https://static.example.com/" })
    await collect(define(storage, await writeFiles(worker), { unhashed: ["sw.js"] }))
    const files = await StaticFiles.load(storage)
    expect(files.url("sw.js")).toBe("https://static.example.com/sw.js")
    const { files: entries } = await manifestIn(storage)
    const published = await filesIn(storage)
    expect(published["sw.js"]).toBe(`importScripts("./${entries["js/vendor.js"]!.name}")\n`)
    expect(published[entries["js/a.js"]!.name]).toContain('new URL("../sw.js", import.meta.url)')
    expect((await storage.stat("sw.js")).cacheControl).toBe("public, max-age=60")
    expect(Object.keys(published).filter((name) => name.startsWith("sw."))).toEqual(["sw.js"])
  })

  it("holds in a circle too, and without plain files", async () => {
    const storage = new MemoryStorage()
    const circle = { "sw.js": 'import "./app.js"\n', "app.js": 'new URL("sw.js", import.meta.url)\n' }
    await collect(define(storage, await writeFiles(circle), { unhashed: ["sw.js"], plain: false }))
    const { files } = await manifestIn(storage)
    expect(files["sw.js"]!.name).toBe("sw.js")
    expect((await filesIn(storage))["sw.js"]).toBe(`import "./${files["app.js"]!.name}"\n`)
  })

  it("keeps the file when old releases are pruned", async () => {
    const storage = new MemoryStorage()
    const folder = await writeFiles(worker)
    await collect(define(storage, folder, { unhashed: ["sw.js"], plain: false }))
    await writeFiles({ "js/vendor.js": "new" }, folder)
    await collect(define(storage, folder, { unhashed: ["sw.js"], plain: false }))
    const { deleted } = await prune(storage, { olderThan: 0, keep: 0 })
    expect(deleted.map((name) => name.replace(/[0-9a-f]{12}/, "HASH"))).toContain("js/vendor.HASH.js")
    expect(await storage.exists("sw.js")).toBe(true)
  })
})

describe("verbatim", () => {
  it("publishes files byte for byte, whatever they refer to", async () => {
    const storage = new MemoryStorage()
    const files = { "vendor/a.css": "a { b: url(gone.png) }", "vendor/b.css": '@import "a.css";' }
    await collect(define(storage, await writeFiles(files), { verbatim: ["vendor/**"] }))
    const { files: entries } = await manifestIn(storage)
    const published = await filesIn(storage)
    for (const [name, text] of Object.entries(files)) expect(published[entries[name]!.name]).toBe(text)
  })
})

describe("manifest", () => {
  it("is the name under which the manifest is written, and asked for", async () => {
    const storage = new MemoryStorage({ baseUrl: "/static/" })
    await collect(define(storage, await writeFiles(SITE), { manifest: "release.json" }))
    expect(await storage.exists("staticfiles.json")).toBe(false)
    const files = await StaticFiles.load(storage, { manifest: "release.json" })
    expect(files.has("css/app.css")).toBe(true)
  })

  it("must be a name that manifests may have", async () => {
    const folder = await writeFiles(SITE)
    expect(() => define(new MemoryStorage(), folder, { manifest: "../x.json" })).toThrow(invalid('"../x.json"'))
  })
})

describe("contentEncoding", () => {
  it("makes one object of each file, compressed where that saves something, and no siblings", async () => {
    const storage = new MemoryStorage()
    const folder = await writeFiles(SITE)
    const config = define(storage, folder, { compress: undefined, contentEncoding: "gzip", cacheFolder: false })
    await collect(config)
    const { files } = await manifestIn(storage)
    const { name, encodings } = files["js/vendor.js"]!
    expect(encodings).toBeUndefined()
    for (const stored of [name, "js/vendor.js"]) {
      expect(await storage.stat(stored)).toMatchObject({ contentEncoding: "gzip", contentType: "text/javascript" })
      expect(gunzipSync(await storage.open(stored).bytes()).toString()).toBe(SITE["js/vendor.js"])
    }
    expect((await storage.stat(files["favicon.ico"]!.name)).contentEncoding).toBeUndefined()
    expect(Object.keys(await filesIn(storage)).filter((each) => each.endsWith(".gz"))).toEqual([])
    expect((await collect(config)).published).toMatchObject({ written: 0, manifest: "unchanged" })
  })

  it("is refused beside compress, for a folder behind a web server, and when it is unknown", async () => {
    const folder = await writeFiles(SITE)
    const options = { contentEncoding: "gzip" } satisfies Partial<StaticOptions>
    expect(() => define(new MemoryStorage(), folder, { ...options, compress: ["br"] })).toThrow(
      invalid("one of the two"),
    )
    const local = new LocalStorage(await temporaryFolder())
    expect(() => define(local, folder, options)).toThrow(invalid("use compress"))
    const unknown = define(new MemoryStorage(), folder, { contentEncoding: "deflate" as "gzip" })
    await expect(collect(unknown)).rejects.toThrow(invalid('"deflate"'))
  })
})

describe("patterns", () => {
  it.each([
    ["ignore", "*.map"],
    ["plain", "*.ico"],
    ["unhashed", [""]],
    ["verbatim", { "vendor/**": true }],
  ])("in %s must be a list, not %j", async (option, value) => {
    const folder = await writeFiles(SITE)
    expect(() => define(new MemoryStorage(), folder, { [option]: value })).toThrow(invalid(option))
  })
})

describe("cacheFolder", () => {
  it("that can't be used is told, and nothing fails", async () => {
    const folder = await writeFiles(SITE)
    const notAFolder = `${await writeFiles({ file: "x" })}/file`
    const storage = new MemoryStorage()
    const report = await collect(define(storage, folder, { compress: ["gzip"], cacheFolder: notAFolder }))
    expect(report.published.manifest).toBe("written")
    expect(report.warnings.join("\n")).toContain(notAFolder)
  })

  it("keeps what was compressed, so that it is not compressed again", async () => {
    const folder = await writeFiles(SITE)
    const cacheFolder = await temporaryFolder()
    const options: Partial<StaticOptions> = { compress: ["gzip", "br"], cacheFolder }
    const first = await collect(define(new MemoryStorage(), folder, options))
    expect(first.compression.cacheMisses).toBeGreaterThan(0)
    const second = await collect(define(new MemoryStorage(), folder, options))
    expect(second.compression).toMatchObject({ cacheMisses: 0, cacheHits: first.compression.cacheMisses })
    expect(second.published.written).toBe(first.published.written)
  })
})
