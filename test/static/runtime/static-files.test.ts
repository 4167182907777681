import { spawnSync } from "node:child_process"
import { setTimeout as wait } from "node:timers/promises"
import { prefix, type Storage } from "@node-storages/core"
import { MemoryStorage } from "@node-storages/memory"
import { afterEach, describe, expect, it, vi } from "vitest"
import { StaticFiles } from "@node-storages/static"
import { PATIENCE } from "../../patience.ts"
import { someTurns } from "../../servers/until.ts"

const open = new Set<StaticFiles>()
afterEach(() => {
  for (const files of open) files.close()
  open.clear()
})

async function load(...parameters: Parameters<typeof StaticFiles.load>): Promise<StaticFiles> {
  const files = await StaticFiles.load(...parameters)
  open.add(files)
  return files
}

function manifest(hash: string, ...names: string[]): string {
  const files = Object.fromEntries(
    names.map((name) => [name, { name: name.replace(/(\.\w+)$/, `.${hash}$1`), size: 1, integrity: "sha256-AAAA" }]),
  )
  return JSON.stringify({ version: 1, files })
}

async function published(hash = "1a"): Promise<MemoryStorage> {
  const storage = new MemoryStorage({ baseUrl: "https://static.example.com/s/" })
  await storage.write("staticfiles.json", manifest(hash, "css/app.css", "css/app v2.css"))
  return storage
}

/** Counts what is asked of a storage. */
function counted(storage: Storage): { storage: Storage; calls: Record<"stat" | "open", number> } {
  const calls = { stat: 0, open: 0 }
  const counting = new Proxy(storage, {
    get(target, property) {
      if (property === "stat" || property === "open") calls[property] += 1
      const value: unknown = Reflect.get(target, property)
      return typeof value === "function" ? (value.bind(target) as unknown) : value
    },
  })
  return { storage: counting, calls }
}

describe("StaticFiles.load", () => {
  it("reads the manifest once, and gives the storage's public URLs", async () => {
    const { storage, calls } = counted(await published())
    const files = await load(storage)
    expect(files.url("css/app.css")).toBe("https://static.example.com/s/css/app.1a.css")
    expect(files.url("css/app v2.css#x")).toBe("https://static.example.com/s/css/app%20v2.1a.css#x")
    expect(files.url("css/")).toBe("https://static.example.com/s/css/")
    expect(calls).toEqual({ stat: 0, open: 1 })
  })

  it("reads a manifest of another name, through layers", async () => {
    const storage = await published()
    await storage.write("site/other.json", manifest("2b", "a.js"))
    const files = await load(storage.with(prefix("site/")), { manifest: "other.json" })
    expect(files.url("a.js")).toBe("https://static.example.com/s/site/a.2b.js")
  })

  it("tells to run collect where there is no manifest", async () => {
    const loading = StaticFiles.load(new MemoryStorage({ baseUrl: "/s/" }))
    await expect(loading).rejects.toMatchObject({
      name: "StaticError",
      code: "missing-manifest",
      file: "staticfiles.json",
      message: expect.stringContaining("Run collect") as string,
    })
  })

  it("passes what the manifest's reader and the storage say", async () => {
    const storage = await published()
    await storage.write("broken.json", "{")
    await expect(StaticFiles.load(storage, { manifest: "broken.json" })).rejects.toMatchObject({
      code: "invalid-manifest",
    })
    const hidden = new MemoryStorage()
    await hidden.write("staticfiles.json", manifest("1a", "a.js"))
    const files = await load(hidden)
    expect(() => files.url("a.js")).toThrow(
      expect.objectContaining({ name: "StorageError", code: "unsupported" }) as Error,
    )
  })

  it("is cancelled by its signal", async () => {
    await expect(StaticFiles.load(await published(), { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: "aborted",
    })
  })

  it.each([{ wacth: 5 }, { watch: 0 }, { watch: "often" }, { watch: -1 }])("refuses %j", async (options) => {
    await expect(StaticFiles.load(await published(), options as never)).rejects.toMatchObject({
      name: "StaticError",
      code: "invalid-option",
    })
  })
})

describe("StaticFiles.reload", () => {
  it("swaps to a manifest that was written anew", async () => {
    const storage = await published()
    const files = await load(storage)
    expect(await files.reload()).toBe(false)
    await storage.write("staticfiles.json", manifest("2b", "css/app.css"))
    expect(files.url("css/app.css")).toContain("app.1a.css")
    expect(await files.reload()).toBe(true)
    expect(files.url("css/app.css")).toContain("app.2b.css")
    expect(files.has("css/app v2.css")).toBe(false)
  })

  it("asks only stat where nothing was written", async () => {
    const { storage, calls } = counted(await published())
    const files = await load(storage)
    await files.reload()
    const before = { ...calls }
    expect(await files.reload()).toBe(false)
    expect(calls).toEqual({ stat: before.stat + 1, open: before.open })
  })

  it("keeps the old manifest where the new one is broken or gone, and reads a repaired one", async () => {
    const storage = await published()
    const files = await load(storage)
    await storage.write("staticfiles.json", "{")
    await expect(files.reload()).rejects.toMatchObject({ code: "invalid-manifest" })
    await storage.delete("staticfiles.json")
    await expect(files.reload()).rejects.toMatchObject({ code: "missing-manifest" })
    expect(files.url("css/app.css")).toContain("app.1a.css")
    await storage.write("staticfiles.json", manifest("3c", "css/app.css"))
    expect(await files.reload()).toBe(true)
    expect(files.url("css/app.css")).toContain("app.3c.css")
  })

  it("never puts an old manifest back, where a reading takes longer than the next one", async () => {
    const storage = await published()
    const [hasRead, goOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    let readings = 0
    const delayed = new Proxy<Storage>(storage, {
      get(target, property) {
        const value: unknown = Reflect.get(target, property)
        if (property !== "open") return typeof value === "function" ? (value.bind(target) as unknown) : value
        return (name: string) => ({ text: () => read(name) })
      },
    })
    const read = async (name: string): Promise<string> => {
      const text = await storage.open(name).text()
      if (++readings === 2) {
        hasRead.resolve()
        await goOn.promise
      }
      return text
    }
    const files = await load(delayed)
    await storage.write("staticfiles.json", manifest("2b", "css/app.css"))
    const first = files.reload()
    await hasRead.promise
    await storage.write("staticfiles.json", manifest("3c", "css/app.css"))
    const second = files.reload()
    await someTurns()
    goOn.resolve()
    expect(await Promise.all([first, second])).toEqual([true, true])
    expect(files.url("css/app.css")).toContain("app.3c.css")
  })
})

describe("watching", () => {
  it("sees a new manifest, tells of a broken one once, and goes on", async () => {
    const { storage, calls } = counted(await published())
    const errors: unknown[] = []
    const files = await load(storage, { watch: "5ms", onError: (error) => errors.push(error) })
    await storage.write("staticfiles.json", manifest("2b", "css/app.css"))
    await vi.waitFor(() => expect(files.url("css/app.css")).toContain("app.2b.css"), PATIENCE)
    await storage.write("staticfiles.json", "{")
    await vi.waitFor(() => expect(errors).toHaveLength(1), PATIENCE)
    const looks = calls.stat
    await vi.waitFor(() => expect(calls.stat).toBeGreaterThan(looks + 3), PATIENCE)
    expect(errors).toEqual([expect.objectContaining({ code: "invalid-manifest" })])
    expect(files.url("css/app.css")).toContain("app.2b.css")
    await storage.write("staticfiles.json", manifest("3c", "css/app.css"))
    await vi.waitFor(() => expect(files.url("css/app.css")).toContain("app.3c.css"), PATIENCE)
  })

  it("warns where nobody asked to be told", async () => {
    const warnings = vi.spyOn(process, "emitWarning").mockImplementation(() => {})
    const storage = await published()
    await load(storage, { watch: 0.005 })
    await storage.delete("staticfiles.json")
    await vi.waitFor(() => expect(warnings).toHaveBeenCalledOnce(), PATIENCE)
    expect(warnings.mock.calls[0]?.[0]).toContain("the old one stays in use")
    warnings.mockRestore()
  })

  it("looks no more after close", async () => {
    const { storage, calls } = counted(await published())
    const files = await load(storage, { watch: "5ms" })
    await vi.waitFor(() => expect(calls.stat).toBeGreaterThan(2), PATIENCE)
    files.close()
    const before = calls.stat
    await wait(50)
    expect(calls.stat).toBe(before)
    expect(files.has("css/app.css")).toBe(true)
  })

  it("does not keep the process alive", () => {
    const script = `
      import { MemoryStorage } from "@node-storages/memory"
      import { StaticFiles } from "@node-storages/static"
      const storage = new MemoryStorage({ baseUrl: "/s/" })
      await storage.write("staticfiles.json", '{ "version": 1, "files": {} }')
      await StaticFiles.load(storage, { watch: "1h" })
      console.log("loaded")`
    const parameters = ["--conditions=node-storages-source", "--input-type=module", "--eval", script]
    const child = spawnSync(process.execPath, parameters, {
      cwd: import.meta.dirname,
      timeout: PATIENCE,
      encoding: "utf8",
    })
    expect(child).toMatchObject({ status: 0, signal: null, stdout: "loaded\n" })
  })
})
