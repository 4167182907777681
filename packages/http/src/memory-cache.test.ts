import { type FileInfo, StorageError } from "@node-storages/core"
import { describe, expect, it } from "vitest"
import { type FileReader, type OpenedFile, release } from "./file-reader.ts"
import { MemoryCache } from "./memory-cache.ts"

/** Files by their names, and how often each member was called. */
class Files implements FileReader {
  readonly contents = new Map<string, Uint8Array | string>()
  readonly calls: string[] = []
  /** In how many bytes each chunk comes, and in how large a buffer. */
  chunk = 4
  buffer = 4

  #infoOf(name: string): FileInfo {
    const content = this.contents.get(name)
    if (content === undefined) throw new StorageError("not-found", name)
    return { name, size: content.length, modified: new Date(0), etag: `"${Buffer.from(content).toString("base64")}"` }
  }

  async stat(name: string): Promise<FileInfo> {
    this.calls.push("stat")
    return this.#infoOf(name)
  }

  async read(name: string): Promise<OpenedFile> {
    this.calls.push("read")
    const bytes = Buffer.from(this.contents.get(name)!)
    const { chunk, buffer } = this
    async function* body() {
      for (let start = 0; start < bytes.byteLength; start += chunk) {
        const part = bytes.subarray(start, start + chunk)
        const memory = new Uint8Array(Math.max(buffer, part.byteLength))
        memory.set(part)
        yield memory.subarray(0, part.byteLength)
      }
    }
    return { info: this.#infoOf(name), length: bytes.byteLength, body: body() }
  }
}

function cacheOf(files: Files, options: { maxBytes?: number; maxFileBytes?: number; freshFor?: number } = {}) {
  const all = { maxBytes: 1_000_000, maxFileBytes: 1000, freshFor: 60_000, ...options }
  return new MemoryCache(files, all, (name) => name.startsWith("immutable"))
}

const textOf = ({ body }: OpenedFile) => Buffer.from(body as Uint8Array).toString()

describe("MemoryCache", () => {
  it("gives the whole and parts, and what is known, of what was read once", async () => {
    const files = new Files()
    files.contents.set("a", "0123456789")
    const cache = cacheOf(files)
    expect(textOf(await cache.read("a"))).toBe("0123456789")
    const part = await cache.read("a", { start: 2, end: 5 })
    expect([textOf(part), part.length, part.info.size]).toEqual(["234", 3, 10])
    expect((await cache.stat("a")).size).toBe(10)
    expect(files.calls).toEqual(["stat", "read"])
  })

  it("keeps no more memory than the bytes need, however large the buffers are in which they came", async () => {
    const files = new Files()
    files.contents.set("a", "0123456789")
    for (const [chunk, buffer] of [
      [100, 65_536],
      [3, 65_536],
      [100, 1],
    ] as const) {
      Object.assign(files, { chunk, buffer })
      const { body } = await cacheOf(files).read("a")
      expect([chunk, (body as Uint8Array).buffer.byteLength]).toEqual([chunk, 10])
    }
  })

  it("peeks without asking, and tells what is not known from what is not there", async () => {
    const files = new Files()
    files.contents.set("a", "a")
    files.contents.set("large", "x".repeat(1001))
    const cache = cacheOf(files)
    expect(["a", "b", "large"].map((name) => cache.peek(name))).toEqual([undefined, undefined, undefined])
    await Promise.allSettled(["a", "b", "large"].map((name) => cache.read(name)))
    expect(cache.peek("a")).toMatchObject({ info: { name: "a" } })
    expect([cache.peek("b"), cache.peek("large")]).toEqual(["missing", undefined])
    files.calls.length = 0
    await expect(cache.stat("b")).rejects.toMatchObject({ code: "not-found", key: "b" })
    expect(files.calls).toEqual([])
  })

  it("what is stale is looked at again, but for names that change with their content", async () => {
    const files = new Files()
    files.contents.set("a", "1").set("immutable", "1")
    const cache = cacheOf(files, { freshFor: 0 })
    for (const name of ["a", "immutable"]) await cache.read(name)
    files.contents.set("a", "2").set("immutable", "2")
    expect([textOf(await cache.read("a")), textOf(await cache.read("immutable"))]).toEqual(["2", "1"])
    files.contents.delete("a")
    await expect(cache.read("a")).rejects.toMatchObject({ code: "not-found" })
    expect(cache.peek("a")).toBeUndefined()
    files.contents.set("a", "3")
    expect(textOf(await cache.read("a"))).toBe("3")
  })

  it("shares no look that began before the one who asks came, where nothing may be older than that", async () => {
    const files = new Files()
    files.contents.set("a", "old")
    const looks: (() => void)[] = []
    const slow: FileReader = {
      read: (name) => files.read(name),
      async stat(name) {
        const info = await files.stat(name)
        await new Promise<void>((resolve) => looks.push(resolve))
        return info
      },
    }
    const options = { maxBytes: 1e6, maxFileBytes: 1000 }
    const read = async (freshFor: number) => {
      files.contents.set("a", "old")
      const cache = new MemoryCache(slow, { ...options, freshFor }, () => false)
      const first = cache.read("a")
      await Promise.resolve()
      files.contents.set("a", "new")
      const second = cache.read("a")
      await Promise.resolve()
      const asked = looks.length
      for (const end of looks.splice(0)) end()
      await first
      return [asked, textOf(await second)]
    }
    expect(await read(0)).toEqual([2, "new"])
    expect((await read(60_000))[0]).toBe(1)
  })

  it("asks at once for a file that is not kept, also where all is asked for each time", async () => {
    const files = new Files()
    files.contents.set("large", "x".repeat(1001))
    const cache = cacheOf(files, { freshFor: 0 })
    for (let time = 0; time < 3; time++) await release((await cache.read("large")).body)
    expect(files.calls).toEqual(["stat", "read", "read", "read"])
  })

  it("a file that has grown since the look, or is cut short, is not kept", async () => {
    const files = new Files()
    files.contents.set("a", "0123")
    const cache = cacheOf(files)
    const grown: FileReader = {
      stat: (name) => files.stat(name),
      read: async (name) => ({
        ...(await files.read(name)),
        body: (async function* () {
          yield new Uint8Array(2000)
        })(),
      }),
    }
    const growing = new MemoryCache(grown, { maxBytes: 1e6, maxFileBytes: 1000, freshFor: 60_000 }, () => false)
    const opened = await growing.read("a")
    expect([opened.body instanceof Uint8Array, growing.peek("a")]).toEqual([false, undefined])
    expect(textOf(await cache.read("a"))).toBe("0123")
  })

  it("what was looked at longest ago goes first, and a file larger than all room is not kept", async () => {
    const files = new Files()
    for (const name of ["a", "b", "c"]) files.contents.set(name, name.repeat(900))
    // Each costs some bytes more than it has.
    const cache = cacheOf(files, { maxBytes: 3000 })
    for (const name of ["a", "b", "c"]) await cache.read(name)
    const kept = ["a", "b", "c"].filter((name) => cache.peek(name) !== undefined)
    expect(kept).toEqual(["b", "c"])
    const tiny = cacheOf(files, { maxBytes: 100 })
    expect(textOf(await tiny.read("a"))).toBe("a".repeat(900))
    expect(tiny.peek("a")).toBeUndefined()
  })
})
