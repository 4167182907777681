import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { CompressionCache } from "./cache.ts"

const DAY = 24 * 60 * 60 * 1000
const HOUR = 60 * 60 * 1000

let folder: string
let warnings: string[]
let cache: CompressionCache
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "node-storages-sweep-"))
  warnings = []
  cache = new CompressionCache(folder, { onWarning: (message) => void warnings.push(message) })
})
afterEach(() => rm(folder, { recursive: true, force: true }))

async function put(name: string, ageInMilliseconds: number): Promise<void> {
  const path = join(folder, name)
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, "12345")
  const time = new Date(Date.now() - ageInMilliseconds)
  await utimes(path, time, time)
}

const files = async () =>
  (await readdir(folder, { recursive: true, withFileTypes: true })).filter((e) => e.isFile()).map((e) => e.name)

describe("a sweep", () => {
  test("removes entries that were not used for 30 days, and keeps the others", async () => {
    await put(`aa/${"1".repeat(62)}`, 31 * DAY)
    await put(`aa/${"2".repeat(62)}`, 29 * DAY)
    await put(`ff/${"3".repeat(62)}`, 300 * DAY)
    expect(await cache.sweep()).toEqual({ seen: 3, removed: 2, bytes: 10 })
    expect(await files()).toEqual(["2".repeat(62)])
  })

  test("takes another age, and refuses what is none", async () => {
    await put(`aa/${"1".repeat(62)}`, 2 * DAY)
    expect(await cache.sweep({ olderThan: "3d" })).toMatchObject({ removed: 0 })
    expect(await cache.sweep({ olderThan: "1d" })).toMatchObject({ removed: 1 })
    await expect(cache.sweep({ olderThan: "soon" as "1d" })).rejects.toMatchObject({
      name: "StaticError",
      code: "invalid-option",
    })
  })

  test("keeps an old entry that was used", async () => {
    const key = "ab".repeat(32)
    await cache.put(key, [Buffer.from("bytes")])
    const old = new Date(Date.now() - 40 * DAY)
    await utimes(join(folder, key.slice(0, 2), key.slice(2)), old, old)
    await cache.get(key)
    expect(await cache.sweep()).toMatchObject({ seen: 1, removed: 0 })
    expect(await cache.get(key)).toEqual([Buffer.from("bytes")])
  })

  test("removes temporary files that a process has left behind, not those being written", async () => {
    await put(`aa/.temporary-${"a".repeat(16)}`, 2 * HOUR)
    await put(`aa/.temporary-${"b".repeat(16)}`, 0.5 * HOUR)
    expect(await cache.sweep()).toMatchObject({ seen: 2, removed: 1 })
    expect(await files()).toEqual([`.temporary-${"b".repeat(16)}`])
  })

  test("touches nothing that the cache has not made, in whatever folder it is sent to", async () => {
    const foreign = ["letter.txt", "1".repeat(62), `photos/${"1".repeat(62)}`, "aa/notes", `aa/bb/${"1".repeat(62)}`]
    for (const name of foreign) await put(name, 999 * DAY)
    await mkdir(join(folder, "aa", "2".repeat(62)))
    expect(await cache.sweep({ olderThan: 0 })).toMatchObject({ removed: 0 })
    expect([(await files()).length, warnings]).toEqual([foreign.length, []])
  })

  test("looks at no more files than its limit, and at all of them in several runs", async () => {
    for (const shard of ["00", "55", "aa", "ff"]) await put(`${shard}/${"1".repeat(62)}`, 31 * DAY)
    expect(await cache.sweep({ limit: 3 })).toEqual({ seen: 3, removed: 3, bytes: 15 })
    expect(await cache.sweep({ limit: 3 })).toEqual({ seen: 1, removed: 1, bytes: 5 })
  })

  test("of a cache that was never written to does nothing", async () => {
    await rm(folder, { recursive: true })
    expect(await cache.sweep()).toEqual({ seen: 0, removed: 0, bytes: 0 })
    expect(warnings).toEqual([])
  })

  test("that fails is told, and is no failure", async () => {
    await writeFile(join(folder, "file"), "")
    const broken = new CompressionCache(join(folder, "file"), { onWarning: (message) => void warnings.push(message) })
    expect(await broken.sweep()).toEqual({ seen: 0, removed: 0, bytes: 0 })
    expect(warnings.join()).toMatch(/can't be swept/)
  })

  test("and another one at once do not disturb each other", async () => {
    for (let index = 10; index < 40; index++) await put(`${index}/${"1".repeat(62)}`, 31 * DAY)
    await Promise.all([cache.sweep(), cache.sweep(), cache.sweep()])
    expect([await files(), warnings]).toEqual([[], []])
  })
})
