import { createHash } from "node:crypto"
import { mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, utimes, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { basename, dirname, join } from "node:path"
import fc from "fast-check"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { CompressionCache } from "./cache.ts"

const DAY = 24 * 60 * 60 * 1000
const BYTES = Buffer.from("compressed bytes, as far as the cache knows")

let folder: string
let warnings: string[]
let cache: CompressionCache
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "node-storages-cache-"))
  warnings = []
  cache = new CompressionCache(folder, { onWarning: (message) => void warnings.push(message) })
})
afterEach(() => rm(folder, { recursive: true }))

const keyOf = (text: string) => createHash("sha256").update(text).digest("hex")
const pathOf = (key: string) => join(folder, key.slice(0, 2), key.slice(2))
const filesOf = async () => (await readdir(folder, { recursive: true })).filter((name) => name.includes("/"))

async function age(path: string, milliseconds: number): Promise<void> {
  const time = new Date(Date.now() - milliseconds)
  await utimes(path, time, time)
}

describe("the cache", () => {
  test("gives back what it was given, and nothing for another key", async () => {
    await cache.put(keyOf("a"), [BYTES])
    await cache.put(keyOf("b"), ["not-worthwhile", BYTES, "not-worthwhile", new Uint8Array()])
    expect(await cache.get(keyOf("a"))).toEqual([BYTES])
    expect(await cache.get(keyOf("b"))).toEqual(["not-worthwhile", BYTES, "not-worthwhile", Buffer.alloc(0)])
    expect(await cache.get(keyOf("c"))).toBeUndefined()
    expect(warnings).toEqual([])
  })

  test("gives back any bytes, from another object, too", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 3 }), async (outcomes) => {
        const all = outcomes.map((bytes) => Buffer.from(bytes))
        const key = keyOf(all.map((bytes) => bytes.toString("hex")).join())
        await cache.put(key, outcomes)
        expect(await new CompressionCache(folder).get(key)).toEqual(all)
      }),
      { numRuns: 20 },
    )
  })

  test("gives back what is too large to be read at once", async () => {
    const bytes = Buffer.alloc(300 * 1024, "large")
    await cache.put(keyOf("large"), [bytes])
    const [kept] = (await cache.get(keyOf("large")))!
    expect(bytes.equals(kept as Buffer)).toBe(true)
  })

  test("replaces an entry, and leaves no temporary file", async () => {
    await cache.put(keyOf("a"), ["not-worthwhile"])
    await Promise.all(Array.from({ length: 10 }, () => cache.put(keyOf("a"), [BYTES])))
    expect(await cache.get(keyOf("a"))).toEqual([BYTES])
    expect(await filesOf()).toHaveLength(1)
  })

  test.each([[[BYTES, "not-worthwhile"]], [["not-worthwhile"]]] as const)("notices changes of %j", async (outcomes) => {
    const key = keyOf("damaged")
    await cache.put(key, outcomes)
    const entry = await readFile(pathOf(key))
    for (let position = 0; position < entry.byteLength; position++) {
      const damaged = Buffer.from(entry)
      damaged[position]! ^= 1 << (position % 8)
      await writeFile(pathOf(key), damaged)
      expect(await cache.get(key), `byte ${position}`).toBeUndefined()
    }
    expect(warnings).toHaveLength(1)
    expect(warnings[0]).toMatch(/damaged/)
    await cache.put(key, outcomes)
    expect(await cache.get(key)).toEqual(outcomes)
  })

  test("notices an entry that was cut short, or has grown", async () => {
    const key = keyOf("short")
    await cache.put(key, [BYTES])
    const { size } = await stat(pathOf(key))
    await writeFile(pathOf(key), "x", { flag: "a" })
    expect(await cache.get(key)).toBeUndefined()
    for (const length of [size - 1, 41, 40, 39, 4, 0]) {
      await truncate(pathOf(key), length)
      expect(await cache.get(key), `${length} bytes`).toBeUndefined()
    }
  })
})

describe("a cache that fails", () => {
  test("tells it once, and answers as if it were empty: where its folder is a file", async () => {
    const file = join(folder, "file")
    await writeFile(file, "")
    const broken = new CompressionCache(file, { onWarning: (message) => void warnings.push(message) })
    for (const name of ["a", "b", "c"]) {
      await broken.put(keyOf(name), [BYTES])
      expect(await broken.get(keyOf(name))).toBeUndefined()
    }
    expect(warnings).toHaveLength(2)
    expect(warnings.join("\n")).toMatch(/can't be written.*\n.*can't be read/)
    for (const warning of warnings) expect(warning).toContain(file)
  })

  test("leaves no temporary file where an entry can't get its name", async () => {
    const path = pathOf(keyOf("a"))
    await mkdir(join(path, "in-the-way"), { recursive: true })
    await cache.put(keyOf("a"), [BYTES])
    expect(warnings).toHaveLength(1)
    expect(await readdir(dirname(path))).toEqual([basename(path)])
  })

  test("needs nobody who is told", async () => {
    await writeFile(join(folder, "file"), "")
    const silent = new CompressionCache(join(folder, "file"))
    await silent.put(keyOf("a"), [BYTES])
    expect(await silent.get(keyOf("a"))).toBeUndefined()
  })
})

describe("use of an entry", () => {
  test("renews its time when that is older than a day, and not before", async () => {
    await cache.put(keyOf("a"), [BYTES])
    await age(pathOf(keyOf("a")), DAY * 0.5)
    const { mtimeMs } = await stat(pathOf(keyOf("a")))
    await cache.get(keyOf("a"))
    expect((await stat(pathOf(keyOf("a")))).mtimeMs).toBe(mtimeMs)
    await age(pathOf(keyOf("a")), DAY * 20)
    expect(await cache.get(keyOf("a"))).toEqual([BYTES])
    expect((await stat(pathOf(keyOf("a")))).mtimeMs).toBeGreaterThan(mtimeMs)
  })
})
