import { intercept, type Storage, StorageError } from "@node-storages/core"
import { MemoryStorage } from "@node-storages/memory"
import { collect, type StaticOptions } from "@node-storages/static"
import { describe, expect, it } from "vitest"
import { define, filesIn, manifestIn } from "./inspect.ts"
import { SITE, writeFiles } from "./site.ts"

const COMPRESSED: Partial<StaticOptions> = { compress: ["gzip"], cacheFolder: false }
const HASHED = /\.[0-9a-f]{12}\./

/** A storage whose disk is full at one of the next puts. */
function failingAt(storage: Storage, failAt: number): Storage {
  let puts = 0
  return storage.with(
    intercept((call) => {
      if (call.member === "put" && ++puts === failAt) throw new StorageError("no-space", "The disk is full.")
      return call.run(call.signal)
    }),
  )
}

const text = (what: string) => `${what}\n`.repeat(500)

describe("files without a hash", () => {
  it("are replaced after all files with a hash, so that a collect that fails before leaves every one as it was", async () => {
    const storage = new MemoryStorage()
    const folder = await writeFiles({ ...SITE, "js/more.js": text("// old") })
    await collect(define(storage, folder, COMPRESSED))
    await writeFiles({ "js/more.js": text("// new"), "favicon.ico": "new icon", "css/base.css": "b {}" }, folder)
    const names: string[] = []
    await collect(define(storage, folder, COMPRESSED), {
      onProgress: ({ name, action }) => action === "written" && names.push(name),
    })
    const firstPlain = names.findIndex((name) => !HASHED.test(name))
    expect(firstPlain).toBeGreaterThan(4)
    expect(names.slice(firstPlain).some((name) => HASHED.test(name))).toBe(false)
    expect(names.slice(firstPlain)).toEqual(expect.arrayContaining(["js/more.js", "js/more.js.gz", "favicon.ico"]))
  })

  it("stay as they were where a file with a hash can't be stored", async () => {
    const storage = new MemoryStorage()
    const folder = await writeFiles(SITE)
    await collect(define(storage, folder, COMPRESSED))
    const before = await filesIn(storage)
    await writeFiles({ "js/vendor.js": text("new()"), "favicon.ico": "new icon", "css/base.css": "b {}" }, folder)
    await expect(collect(define(failingAt(storage, 4), folder, COMPRESSED))).rejects.toThrow("The disk is full.")
    expect(await filesIn(storage)).toMatchObject(before)
  })

  it("lose a compressed sibling that their new content does not have, before servers could send it for that", async () => {
    const storage = new MemoryStorage()
    const folder = await writeFiles({ "a.js": text("old()"), "b.js": text("b()") })
    await collect(define(storage, folder, COMPRESSED))
    expect(await storage.exists("a.js.gz")).toBe(true)
    await writeFiles({ "a.js": "short()" }, folder)
    const dry = await collect(define(storage, folder, COMPRESSED), { dryRun: true })
    expect(dry.published.deleted).toBe(1)
    expect(await storage.exists("a.js.gz")).toBe(true)
    const { published } = await collect(define(storage, folder, COMPRESSED))
    expect(published.deleted).toBe(1)
    expect(await storage.exists("a.js.gz")).toBe(false)
    expect(await storage.open("a.js").text()).toBe("short()")
    expect(await storage.exists("b.js.gz")).toBe(true)
    expect((await collect(define(storage, folder, COMPRESSED))).published).toMatchObject({ written: 0, deleted: 0 })
  })

  it("keep the siblings that the sources have of them", async () => {
    const storage = new MemoryStorage()
    const own = "as the bundler made it"
    await collect(define(storage, await writeFiles({ "a.js": text("a()"), "a.js.gz": own }), COMPRESSED))
    const published = await filesIn(storage)
    const { files } = await manifestIn(storage)
    expect(published["a.js.gz"]).toBe(own)
    expect(published[files["a.js.gz"]!.name]).toBe(own)
    expect(Object.keys(files["a.js"]!.encodings!)).toEqual(["gzip"])
    expect(published[`${files["a.js"]!.name}.gz`]).toBeDefined()
  })
})
