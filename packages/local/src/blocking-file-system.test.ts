import { readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { allowBlocking } from "@node-storages/core/adapter"
import { afterEach, describe, expect, it, vi } from "vitest"
import { temporaryRoot } from "../test/root.ts"
import { BlockingFileSystem } from "./blocking-file-system.ts"
import { LocalStorage } from "./index.ts"
import { NODE_FILE_SYSTEM } from "./node-file-system.ts"

afterEach(() => void vi.restoreAllMocks())

/** From now on no time passes: neither is the disk slow, nor is it the turn of others. */
async function stopClock(): Promise<{ takes: (milliseconds: number) => void }> {
  const now = performance.now()
  const clock = vi.spyOn(performance, "now").mockReturnValue(now)
  await new BlockingFileSystem().lstat(".")
  return {
    /** So long takes the next call. */
    takes(milliseconds) {
      // Asked for the turn of others, and at both ends of the call.
      clock.mockReturnValueOnce(now).mockReturnValueOnce(now)
      clock.mockReturnValueOnce(now + milliseconds)
    },
  }
}

/** Whether a promise is settled before anything else has had a turn. */
async function isSettledAtOnce(promise: Promise<unknown>): Promise<boolean> {
  let settled = false
  const settle = () => void (settled = true)
  promise.then(settle, settle)
  for (let turn = 0; turn < 20; turn++) await Promise.resolve()
  const atOnce = settled
  await promise.catch(() => {})
  return atOnce
}

/** All that is called for a small file, by what it is called. */
async function calls(root: string): Promise<Record<string, (fileSystem: BlockingFileSystem) => Promise<unknown>>> {
  await writeFile(join(root, "a"), "text")
  const path = (name: string) => join(root, name)
  const opened = new BlockingFileSystem()
  const file = await opened.open(path("a"), "r+")
  return {
    open: async (fileSystem) => (await fileSystem.open(path("a"), "r")).close(),
    lstat: (fileSystem) => fileSystem.lstat(path("a")),
    realpath: (fileSystem) => fileSystem.realpath(root),
    readFile: (fileSystem) => fileSystem.readFile(path("a"), "utf8"),
    readdir: (fileSystem) => fileSystem.readdir(root, { withFileTypes: true }),
    mkdir: (fileSystem) => fileSystem.mkdir(path("d")),
    rmdir: (fileSystem) => fileSystem.rmdir(path("d")),
    link: (fileSystem) => fileSystem.link(path("a"), path("b")),
    rename: (fileSystem) => fileSystem.rename(path("b"), path("c")),
    utimes: (fileSystem) => fileSystem.utimes(path("c"), 1, 1),
    chmod: (fileSystem) => fileSystem.chmod(path("c"), 0o600),
    unlink: (fileSystem) => fileSystem.unlink(path("c")),
    "read of a file": () => file.read(new Uint8Array(4), 0, 4, 0),
    "write of a file": () => file.write(new Uint8Array(4), 0, 4),
    "stat of a file": () => file.stat(),
    "close of a file": () => file.close(),
  }
}

describe("BlockingFileSystem", () => {
  it("has done each call that a small file needs before anything else has a turn", async () => {
    const fileSystem = new BlockingFileSystem()
    await stopClock()
    for (const [name, call] of Object.entries(await calls(await temporaryRoot()))) {
      expect([name, await isSettledAtOnce(call(fileSystem))]).toEqual([name, true])
    }
  })

  it("rejects, with the system's code, and throws nothing", async () => {
    const missing = join(await temporaryRoot(), "missing")
    for (const call of [
      () => new BlockingFileSystem().open(missing, "r"),
      () => new BlockingFileSystem().lstat(missing),
      () => new BlockingFileSystem().rename(missing, `${missing}.2`),
    ]) {
      await expect(call()).rejects.toMatchObject({ code: "ENOENT" })
    }
  })

  it("uses threads from the moment on in which the disk is slow", async () => {
    // Every disk is slower than that.
    const fileSystem = new BlockingFileSystem(0)
    const root = await temporaryRoot()
    await fileSystem.lstat(root)
    for (const [name, call] of Object.entries(await calls(root))) {
      const atOnce = await isSettledAtOnce(call(fileSystem))
      if (!name.endsWith(" of a file")) expect([name, atOnce]).toEqual([name, false])
    }
    const file = await fileSystem.open(join(root, "a"), "r")
    expect(await isSettledAtOnce(file.stat())).toBe(false)
    await file.close()
  })

  it("does not take a disk for slow that has kept it waiting once", async () => {
    const fileSystem = new BlockingFileSystem()
    const clock = await stopClock()
    clock.takes(60_000)
    await fileSystem.lstat(".")
    expect(await isSettledAtOnce(fileSystem.lstat("."))).toBe(true)
    for (let call = 0; call < 20; call++) {
      clock.takes(2)
      await fileSystem.lstat(".")
    }
    expect(await isSettledAtOnce(fileSystem.lstat("."))).toBe(false)
  })

  it("reads and writes what is large by threads", async () => {
    const path = join(await temporaryRoot(), "large")
    const bytes = new Uint8Array(1024 * 1024).fill(7)
    const file = await new BlockingFileSystem(Infinity).open(path, "wx+")
    expect(await isSettledAtOnce(file.write(bytes, 0, bytes.byteLength))).toBe(false)
    const read = new Uint8Array(bytes.byteLength)
    expect(await isSettledAtOnce(file.read(read, 0, read.byteLength, 0))).toBe(false)
    expect(read).toEqual(bytes)
    await file.close()
  })

  it("lets timers and others have their turn", async () => {
    const fileSystem = new BlockingFileSystem(Infinity)
    let turns = 0
    const timer = setInterval(() => turns++, 1)
    // What never gives them a turn does not end by itself.
    const end = performance.now() + 60_000
    while (turns === 0 && performance.now() < end) await fileSystem.lstat(".")
    clearInterval(timer)
    expect(turns).toBeGreaterThan(0)
  })

  it("does not close what has a descriptor again that it has closed", async () => {
    const root = await temporaryRoot()
    for (const name of ["a", "b"]) await writeFile(join(root, name), name)
    const fileSystem = new BlockingFileSystem()
    const first = await fileSystem.open(join(root, "a"), "r")
    await first.close()
    const second = await fileSystem.open(join(root, "b"), "r")
    await first.close()
    expect(await second.read(new Uint8Array(1), 0, 1, 0)).toEqual({ bytesRead: 1 })
    await second.close()
  })
})

describe("A LocalStorage", () => {
  const BLOCKING = Symbol.for("node-storages.blocking")
  afterEach(() => void Reflect.deleteProperty(globalThis, BLOCKING))

  /** How many turns others have while a file is saved with headers. */
  async function turnsOfASave(): Promise<number> {
    const root = await temporaryRoot()
    const storage = new LocalStorage(root)
    await storage.save("first.txt", "", { cacheControl: "no-cache" })
    await stopClock()
    let turns = 0
    let done = false
    const count = () => {
      turns++
      if (!done) setImmediate(count)
    }
    setImmediate(count)
    await storage.save("second.txt", "text", { cacheControl: "no-cache" })
    const taken = turns
    done = true
    expect(await readFile(join(root, "second.txt"), "utf8")).toBe("text")
    return taken
  }

  it("that is made after a process has allowed it saves without a turn of others", async () => {
    expect(await turnsOfASave()).toBeGreaterThan(2)
    allowBlocking()
    expect(await turnsOfASave()).toBe(0)
  })

  it("keeps the file system that it was given", async () => {
    allowBlocking()
    const used: string[] = []
    const fileSystem = {
      ...NODE_FILE_SYSTEM,
      lstat: (path: string) => (used.push(path), NODE_FILE_SYSTEM.lstat(path)),
    }
    await new LocalStorage(await temporaryRoot(), { fileSystem }).save("a.txt", "text")
    expect(used.length).toBeGreaterThan(0)
  })
})
