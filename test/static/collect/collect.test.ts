import { setTimeout } from "node:timers/promises"
import { brotliDecompressSync } from "node:zlib"
import { intercept, StorageError, type Layer } from "@node-storages/core"
import { MemoryStorage } from "@node-storages/memory"
import { collect, defineStatic, StaticError, StaticFiles } from "@node-storages/static"
import { describe, expect, it } from "vitest"
import { counted, define, filesIn, manifestIn } from "./inspect.ts"
import { SITE, writeFiles } from "./site.ts"

describe("collect", () => {
  it("publishes each file under a name with its hash, with the references in it, and under its plain name", async () => {
    const storage = new MemoryStorage()
    const report = await collect(define(storage, await writeFiles(SITE)))
    expect(report.files).toBe(10)
    const { files } = await manifestIn(storage)
    const published = await filesIn(storage)
    const css = published[files["css/app.css"]!.name]!
    expect(files["css/app.css"]!.name).toMatch(/^css\/app\.[0-9a-f]{12}\.css$/)
    const picture = files["img/a b.png"]!.name.replace("img/", "").replaceAll(" ", "%20")
    const base = files["css/base.css"]!.name.replace("css/", "")
    expect(css).toBe(`@import "${base}";\nbody { background: url(  "../img/${picture}"  ) }\n/* url(missing.png) */\n`)
    expect(published[files["css/base.css"]!.name]).toContain(`url('../${files["fonts/x.woff2"]!.name}?#iefix')`)
    expect(published[files["js/b.js"]!.name]).toContain(`new URL("../img/${picture}", import.meta.url)`)
    expect(published["css/app.css"]).toBe(SITE["css/app.css"])
    expect(published["index.html"]).toContain(files["css/app.css"]!.name)
    expect(published["index.html"]).toContain(files["js/a.js"]!.name)
    expect(Object.keys(published)).toHaveLength(2 * 10 + 1)
  })

  it("tells a source map that is missing as a warning, with its place", async () => {
    const { problems } = await collect(define(new MemoryStorage(), await writeFiles(SITE)))
    expect(problems).toMatchObject([{ file: "js/a.js", line: 3, reference: "a.js.map", warning: true }])
  })

  it("does nothing the second time but to read the manifest and to list", async () => {
    const target = new MemoryStorage()
    const folder = await writeFiles(SITE)
    await collect(define(target, folder))
    const before = await filesIn(target)
    const { storage, calls } = counted(target)
    const report = await collect(define(storage, folder))
    expect(report.published).toMatchObject({ written: 0, manifest: "unchanged" })
    expect(Object.keys(calls()).toSorted()).toEqual(["get", "page"])
    expect(calls()["get"]).toBe(1)
    expect(await filesIn(target)).toEqual(before)
  })

  it("writes only what has changed, and what refers to it", async () => {
    const storage = new MemoryStorage()
    const folder = await writeFiles(SITE)
    await collect(define(storage, folder, { plain: false }))
    const before = (await manifestIn(storage)).files
    await writeFiles({ "img/a b.png": "another picture" }, folder)
    const report = await collect(define(storage, folder, { plain: false }))
    const after = (await manifestIn(storage)).files
    const changed = Object.keys(after).filter((name) => after[name]!.name !== before[name]!.name)
    expect(changed.toSorted()).toEqual(["css/app.css", "img/a b.png", "index.html", "js/a.js", "js/b.js"])
    expect(report.published.written).toBe(5)
    // The old release is still there, whole.
    expect(await storage.exists(before["css/app.css"]!.name)).toBe(true)
  })

  it("stores a text when all that it refers to is stored, compressed or not, however long that takes", async () => {
    const sheets = Array.from({ length: 30 }, (_, index) => {
      const imports = [index - 1, index - 2].filter((each) => each >= 0).map((each) => `@import "${each}.css";\n`)
      return [`${index}.css`, `${imports.join("")}.a${index} { color: red }\n${"/* filled */".repeat(index * 20)}`]
    })
    const stored = new Set<string>()
    const before = new Map<string, readonly string[]>()
    const slow: Layer = (next) => ({
      ...next,
      async put(key, body, options) {
        before.set(key, [...stored])
        await setTimeout(Math.random() * 10)
        const info = await next.put(key, body, options)
        stored.add(key)
        return info
      },
    })
    const target = new MemoryStorage()
    const folder = await writeFiles(Object.fromEntries(sheets))
    await collect(define(target.with(slow), folder, { compress: ["gzip"], plain: false }))
    const published = await filesIn(target)
    const references = Object.values((await manifestIn(target)).files).flatMap(({ name }) =>
      [...published[name]!.matchAll(/@import "([^"]+)"/g)].map((match) => [name, match[1]!] as const),
    )
    expect(references).toHaveLength(29 + 28)
    for (const [from, to] of references) expect(before.get(from)).toContain(to)
  })

  it("names files that refer to each other the same, whatever the order in which they are found", async () => {
    const names = async (sources: readonly string[]) => {
      const storage = new MemoryStorage()
      await collect(defineStatic({ storage, sources, compress: false }))
      return (await manifestIn(storage)).files
    }
    const { "js/a.js": a, "js/b.js": b, ...others } = SITE
    const [one, other, rest] = [
      await writeFiles({ "js/a.js": a! }),
      await writeFiles({ "js/b.js": b! }),
      await writeFiles(others),
    ]
    expect(await names([one, other, rest])).toEqual(await names([rest, other, one]))
  })

  it("tells all references that lead nowhere together, with file, line, column and reason, and writes nothing", async () => {
    const { storage, calls } = counted(new MemoryStorage())
    const folder = await writeFiles({
      "a.css": "a {\n  b: url(gone.png) }",
      "js/b.js": 'import "./c.js"\nimport "../../x.js"',
      "img/Logo.png": "x",
      "c.css": "a { b: url(img/logo.png) }",
    })
    const error: unknown = await collect(define(storage, folder)).catch((reason: unknown) => reason)
    if (!(error instanceof StaticError)) throw error
    expect(error.code).toBe("unresolved-references")
    expect(error.problems!.map(({ file, line, column }) => `${file}:${line}:${column}`)).toEqual([
      "a.css:2:10",
      "c.css:1:12",
      "js/b.js:1:9",
      "js/b.js:2:9",
    ])
    expect(error.message).toContain("letters differ in case")
    expect(error.message).toContain("leads out of the static files")
    expect(Object.keys(calls())).toEqual(["page"])
    const { problems } = await collect(define(storage, folder), { strict: false })
    expect(problems).toHaveLength(4)
  })

  it("stops listing the target when the sources are wrong", async () => {
    let signal: AbortSignal | undefined
    const huge: Layer = (next) => ({
      ...next,
      page(options) {
        signal = options.signal
        return new Promise((_, reject) => signal!.addEventListener("abort", () => reject(signal!.reason as Error)))
      },
    })
    const folder = await writeFiles({ "a.css": "b { background: url(gone.png) }" })
    await expect(collect(define(new MemoryStorage().with(huge), folder))).rejects.toMatchObject({
      code: "unresolved-references",
    })
    expect(signal?.aborted).toBe(true)
  })

  it("in a dry run does everything but write", async () => {
    const storage = new MemoryStorage()
    const report = await collect(define(storage, await writeFiles(SITE)), { dryRun: true })
    expect(report.published.written).toBeGreaterThan(0)
    expect(await filesIn(storage)).toEqual({})
  })

  it("that fails in the middle leaves the old release as it was, and the next one completes", async () => {
    const target = new MemoryStorage()
    const folder = await writeFiles(SITE)
    await collect(define(target, folder))
    const old = await manifestIn(target)
    await writeFiles({ "img/a b.png": "new", "css/base.css": "new", "js/vendor.js": "new" }, folder)
    let puts = 0
    const failing = target.with(
      intercept((call) => {
        if (call.member === "put" && ++puts > 2) throw new StorageError("no-space", "The disk is full.")
        return call.run(call.signal)
      }),
    )
    const error: unknown = await collect(define(failing, folder)).catch((reason: unknown) => reason)
    if (!(error instanceof StaticError)) throw error
    expect(error.code).toBe("publish-failed")
    expect(await manifestIn(target)).toEqual(old)
    for (const { name } of Object.values(old.files)) expect(await target.exists(name)).toBe(true)
    await collect(define(target, folder))
    expect((await manifestIn(target)).files["css/base.css"]!.size).toBe(3)
  })

  it("keeps compressed siblings where they save something, and the manifest tells them", async () => {
    const storage = new MemoryStorage()
    const folder = await writeFiles(SITE)
    await collect(
      define(storage, folder, { compress: ["br", "gzip"], cacheFolder: false, plain: ["favicon.ico", "fonts/**"] }),
    )
    const { files } = await manifestIn(storage)
    const vendor = files["js/vendor.js"]!
    expect(Object.keys(vendor.encodings!)).toEqual(["br", "gzip"])
    const sibling = await storage.open(`${vendor.name}.br`).bytes()
    expect(brotliDecompressSync(sibling).toString()).toBe(SITE["js/vendor.js"])
    expect(vendor.encodings!.br).toBe(sibling.byteLength)
    expect(files["fonts/x.woff2"]!.encodings).toBeUndefined()
    expect(await storage.exists("favicon.ico")).toBe(true)
    expect(await storage.exists("fonts/x.woff2")).toBe(true)
    expect(await storage.exists("js/vendor.js")).toBe(false)
  })

  it("sends what never changes as immutable, and plain names for a minute", async () => {
    const storage = new MemoryStorage()
    await collect(define(storage, await writeFiles(SITE), { cacheControl: { "*.ico": "no-cache" } }))
    const { files } = await manifestIn(storage)
    expect((await storage.stat(files["js/a.js"]!.name)).cacheControl).toBe("public, max-age=31536000, immutable")
    expect((await storage.stat("js/a.js")).cacheControl).toBe("public, max-age=60")
    expect((await storage.stat("favicon.ico")).cacheControl).toBe("no-cache")
    expect((await storage.stat(files["js/a.js"]!.name)).contentType).toMatch(/^(text|application)\/javascript/)
  })

  it("is what templates ask for URLs afterwards", async () => {
    const storage = new MemoryStorage({ baseUrl: "https://static.example.com/" })
    await collect(define(storage, await writeFiles(SITE)))
    const files = await StaticFiles.load(storage)
    const { name, integrity } = (await manifestIn(storage)).files["css/app.css"]!
    expect(files.url("css/app.css")).toBe(`https://static.example.com/${name}`)
    expect(files.integrity("css/app.css")).toBe(integrity)
    expect(() => files.url("css/ap.css")).toThrow("css/app.css")
  })
})
