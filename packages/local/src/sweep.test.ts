import { execFile } from "node:child_process"
import { mkdir, readdir, rm, utimes, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { promisify } from "node:util"
import { expect, test } from "vitest"
import { hooked } from "../test/faulty.ts"
import { filesBelow, internalFiles, names, temporaryRoot } from "../test/root.ts"
import { LocalStorage } from "./index.ts"

const hoursAgo = (hours: number) => Date.now() / 1000 - hours * 3600

async function leave(root: string, name: string, hours: number): Promise<void> {
  const path = join(root, ".node-storages", "tmp", name)
  await mkdir(join(path, ".."), { recursive: true })
  await writeFile(path, "left behind")
  await utimes(path, hoursAgo(hours), hoursAgo(hours))
}

test("sweep removes temporary files that nothing was written to for an hour, or for the time given", async () => {
  const root = await temporaryRoot()
  const storage = new LocalStorage(root)
  expect(await storage.sweep()).toEqual({ temporaryFiles: 0, records: 0, uploads: 0 })
  await leave(root, "old.tmp", 2)
  await leave(root, "live.tmp", 0.5)
  expect(await storage.sweep()).toEqual({ temporaryFiles: 1, records: 0, uploads: 0 })
  expect(await internalFiles(root)).toEqual([join(".node-storages", "tmp", "live.tmp")])
  expect(await storage.sweep({ olderThan: "10m" })).toEqual({ temporaryFiles: 1, records: 0, uploads: 0 })
  await expect(storage.sweep({ olderThan: "soon" as never })).rejects.toMatchObject({ code: "invalid-option" })
  await expect(storage.sweep({ older: 1 } as never)).rejects.toMatchObject({ code: "invalid-option" })
})

test("sweep removes old records that no file matches, and keeps the others", async () => {
  const root = await temporaryRoot()
  const storage = new LocalStorage(root)
  for (const name of ["kept.txt", "d/gone.txt", "changed.txt", "damaged.txt"])
    await storage.save(name, name, { cacheControl: "x" })
  const records = await internalFiles(root)
  const damaged = new Set(records)
  for (const name of ["kept.txt", "d/gone.txt", "changed.txt"]) {
    for (const record of records) {
      if ((await import("node:fs")).readFileSync(join(root, record), "utf8").includes(name)) damaged.delete(record)
    }
  }
  await writeFile(join(root, [...damaged][0]!), "{")
  await rm(join(root, "d", "gone.txt"))
  await writeFile(join(root, "changed.txt"), "by hand")
  expect(await storage.sweep()).toEqual({ temporaryFiles: 0, records: 0, uploads: 0 })
  for (const record of records) await utimes(join(root, record), hoursAgo(2), hoursAgo(2))
  expect(await storage.sweep()).toEqual({ temporaryFiles: 0, records: 3, uploads: 0 })
  expect((await storage.stat("kept.txt")).cacheControl).toBe("x")
})

test("what is left behind is swept once, beside the first write of a storage", async () => {
  const root = await temporaryRoot()
  await leave(root, "old.tmp", 2)
  await leave(root, "live.tmp", 0)
  const storage = new LocalStorage(root)
  await storage.exists("a.txt")
  expect(await internalFiles(root)).toHaveLength(2)
  await storage.save("a.txt", "x")
  await expect.poll(() => internalFiles(root), { timeout: 60_000 }).toEqual([join(".node-storages", "tmp", "live.tmp")])
})

test("a sweep that fails or hangs beside a write does not fail, delay or report anything", async () => {
  const root = await temporaryRoot()
  const real = hooked(() => {})
  const fileSystem = new Proxy(real, {
    get: (target, name: keyof typeof real) => (name === "readdir" ? () => new Promise(() => {}) : target[name]),
  })
  await new LocalStorage(root, { fileSystem }).save("a.txt", "x")
  const failing = hooked((call) => {
    if (call === "readdir") throw new Error("no")
  })
  await new LocalStorage(root, { fileSystem: failing }).save("b.txt", "x")
  expect(await filesBelow(root)).toEqual(["a.txt", "b.txt"])
})

test("a process that is killed in mid-write leaves nothing under the name, and its temporary file is swept", async () => {
  const root = await temporaryRoot()
  await new LocalStorage(root).write("old.txt", "old")
  const script = `
    import { LocalStorage } from ${JSON.stringify(new URL("./index.ts", import.meta.url).href)}
    async function* body(letter) { for (;;) { yield new Uint8Array(3_000_000); process.stdout.write(letter); await new Promise((r) => setTimeout(r, 20)) } }
    const storage = new LocalStorage(${JSON.stringify(root)})
    void storage.save("new.txt", body("s"))
    void storage.write("old.txt", body("w"))
  `
  const running = promisify(execFile)(process.execPath, [
    "--conditions=node-storages-source",
    "--input-type=module",
    "--eval",
    script,
  ])
  let written = ""
  running.child.stdout!.on("data", (letters: string) => {
    written += letters
    // Both are in the middle of their bodies.
    if (/s.*s/.test(written) && /w.*w/.test(written)) running.child.kill("SIGKILL")
  })
  await expect(running).rejects.toMatchObject({ signal: "SIGKILL" })
  const storage = new LocalStorage(root)
  expect(await names(storage.list())).toEqual(["old.txt"])
  expect(await storage.open("old.txt").text()).toBe("old")
  expect(await internalFiles(root)).toHaveLength(2)
  expect(await storage.sweep({ olderThan: 0 })).toEqual({ temporaryFiles: 2, records: 0, uploads: 0 })
})

test("an upload whose temporary file is taken away stores nothing and says why", async () => {
  const root = await temporaryRoot()
  const storage = new LocalStorage(root)
  const body = async function* () {
    yield Buffer.from("x")
    await rm(join(root, ".node-storages"), { recursive: true })
  }
  await expect(storage.save("a.txt", body())).rejects.toThrow()
  expect(await filesBelow(root)).toEqual([])
  // The directory of temporary files is made again.
  await storage.save("a.txt", "x")
  await rm(root, { recursive: true })
  expect(await storage.save("d/a.txt", "x", { cacheControl: "x" })).toBe("d/a.txt")
})

test("pruneEmptyDirectories removes what a delete or move leaves empty, up to the root", async () => {
  const root = await temporaryRoot()
  const storage = new LocalStorage(root, { pruneEmptyDirectories: true })
  for (const name of ["a/b/c/1.txt", "a/2.txt", "m/n/3.txt"]) await storage.save(name, "x")
  await storage.delete("a/b/c/1.txt")
  await storage.move("m/n/3.txt", "3.txt")
  expect((await readdir(root)).toSorted()).toEqual([".node-storages", "3.txt", "a"])
  expect(await readdir(join(root, "a"))).toEqual(["2.txt"])
  await storage.delete("a/2.txt")
  await storage.delete("3.txt")
  expect(await readdir(root)).toEqual([".node-storages"])
  const keeping = new LocalStorage(root)
  await keeping.save("k/a.txt", "x")
  await keeping.delete("k/a.txt")
  expect(await readdir(root)).toContain("k")
})

test("saves into directories that are pruned at the same time all succeed", async () => {
  const root = await temporaryRoot()
  const storage = new LocalStorage(root, { pruneEmptyDirectories: true })
  await Promise.all(
    Array.from({ length: 16 }, async (_, worker) => {
      for (let round = 0; round < 25; round++) {
        const name = await storage.save(
          "a/b/x.txt",
          `${worker}-${round}`,
          round % 2 ? {} : { metadata: { w: `${worker}` } },
        )
        expect(await storage.open(name).text()).toBe(`${worker}-${round}`)
        await storage.delete(name)
      }
    }),
  )
  expect(await filesBelow(root)).toEqual([])
})
