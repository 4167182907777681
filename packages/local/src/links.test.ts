import { execFileSync } from "node:child_process"
import { mkdir, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises"
import { createServer } from "node:net"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { filesBelow, names, temporaryRoot } from "../test/root.ts"
import { LocalStorage } from "./index.ts"

const windows = process.platform === "win32"

describe.skipIf(windows)("a symbolic link that leaves the root", () => {
  let outside: string
  let root: string
  let storage: LocalStorage

  beforeEach(async () => {
    outside = await temporaryRoot()
    root = await temporaryRoot()
    await mkdir(join(outside, "sub"))
    await writeFile(join(outside, "secret.txt"), "secret")
    await symlink(outside, join(root, "out"))
    await symlink("../../../../../../../../etc", join(root, "relative"))
    await symlink(join(outside, "missing"), join(root, "dangling"))
    await symlink(join(outside, "secret.txt"), join(root, "secret.txt"))
    storage = new LocalStorage(root)
    await storage.save("mine.txt", "mine")
  })

  afterEach(async () => {
    expect(await filesBelow(outside)).toEqual(["secret.txt"])
    expect(await readdir(outside)).toEqual(["secret.txt", "sub"])
    expect(await readFile(join(outside, "secret.txt"), "utf8")).toBe("secret")
  })

  const denied = { code: "permission-denied", message: expect.stringContaining("symbolic link") }

  test.each([
    "out/secret.txt",
    "out/new.txt",
    "out/sub/new.txt",
    "out/new/deeper/new.txt",
    "relative/passwd",
    "secret.txt",
  ])("is not read or looked at: %s", async (name) => {
    const known = name === "secret.txt" || !name.includes("new") || name === "out/new.txt" || name === "out/sub/new.txt"
    const [exists, bytes, stat] = await Promise.allSettled([
      storage.exists(name),
      storage.open(name).bytes(),
      storage.stat(name),
    ])
    // Below a directory that is missing out there, nothing is known but that there is no such file.
    for (const result of [exists, bytes, stat]) if (known) expect(result).toMatchObject({ reason: denied })
    await expect(storage.copy(name, "copied.txt")).rejects.toBeInstanceOf(Error)
    await expect(storage.move(name, "moved.txt")).rejects.toBeInstanceOf(Error)
    expect(await names(storage.list())).toEqual(["mine.txt"])
  })

  test.each([
    "out/new.txt",
    "out/sub/new.txt",
    "out/new/deeper/new.txt",
    "relative/new.txt",
    "dangling/new.txt",
    "dangling/a/new.txt",
  ])("is not written through: %s", async (name) => {
    await expect(storage.save(name, "x")).rejects.toMatchObject(denied)
    await expect(storage.write(name, "x")).rejects.toMatchObject(denied)
    await expect(storage.copy("mine.txt", name)).rejects.toMatchObject(denied)
    await expect(storage.move("mine.txt", name)).rejects.toMatchObject(denied)
    expect(await storage.open("mine.txt").text()).toBe("mine")
    expect((await filesBelow(root)).filter((path) => path.endsWith(".tmp"))).toEqual([])
  })

  test("is not deleted through, and not listed through", async () => {
    await expect(storage.delete("out/secret.txt")).rejects.toMatchObject(denied)
    await expect(names(storage.list("out"))).rejects.toMatchObject(denied)
    await expect(storage.listdir("out/sub")).rejects.toMatchObject(denied)
    expect(await storage.listdir()).toMatchObject({ directories: [], files: [{ name: "mine.txt" }] })
  })

  test("is removed or replaced itself, never its target", async () => {
    await storage.delete("secret.txt")
    expect(await readdir(root)).not.toContain("secret.txt")
    await storage.write("dangling", "mine now")
    expect(await storage.open("dangling").text()).toBe("mine now")
    await storage.delete("out")
    expect(await readdir(root)).not.toContain("out")
  })

  test("is noticed where a directory became a link between two calls, or two pages", async () => {
    for (let index = 0; index < 1001; index++) await writeFile(join(root, `a${String(index).padStart(4, "0")}`), "")
    await storage.save("z/mine.txt", "x")
    const first = await storage.driver.page({ prefix: "", recursive: true })
    await rm(join(root, "z"), { recursive: true })
    await symlink(outside, join(root, "z"))
    const rest = await storage.driver.page({ prefix: "", recursive: true, cursor: first.cursor })
    expect(rest.files.map(({ name }) => name)).toEqual(["a1000", "mine.txt"])
    await expect(storage.open("z/secret.txt").text()).rejects.toMatchObject(denied)
    await expect(storage.save("z/new.txt", "x")).rejects.toMatchObject(denied)
  })

  test.each([".node-storages", ".node-storages/tmp", ".node-storages/meta"])("is not followed at %s", async (path) => {
    await rm(join(root, path), { recursive: true, force: true })
    await symlink(join(outside, "sub"), join(root, path))
    const fresh = new LocalStorage(root)
    await expect(fresh.save("a.txt", "x", { cacheControl: "no-store" })).rejects.toMatchObject(denied)
    expect(await readdir(join(outside, "sub"))).toEqual([])
  })
})

describe.skipIf(windows)("a symbolic link that stays inside the root", () => {
  test("is read and listed as the file it leads to, with its metadata", async () => {
    const root = await temporaryRoot()
    const storage = new LocalStorage(root)
    await storage.save("real/a.txt", "x", { cacheControl: "no-store" })
    await symlink("real/a.txt", join(root, "link.txt"))
    await symlink("real", join(root, "dir"))
    await symlink("loop", join(root, "loop"))
    await symlink(".", join(root, "real", "self"))
    for (const name of ["link.txt", "dir/a.txt"]) {
      expect(await storage.open(name).text()).toBe("x")
      expect(await storage.stat(name)).toMatchObject({ name, cacheControl: "no-store" })
    }
    expect(await names(storage.list())).toEqual(["link.txt", "real/a.txt"])
    expect(await names(storage.list("dir"))).toEqual(["dir/a.txt"])
    expect((await storage.listdir("dir")).files[0]).toMatchObject({ name: "dir/a.txt", cacheControl: "no-store" })
    await storage.save("dir/b.txt", "y", { metadata: { k: "v" } })
    expect((await storage.stat("real/b.txt")).metadata).toEqual({ k: "v" })
  })

  test("is moved and copied by content, and deleted without its target", async () => {
    const root = await temporaryRoot()
    const storage = new LocalStorage(root)
    await storage.save("real/a.txt", "x", { cacheControl: "no-store" })
    await symlink("real/a.txt", join(root, "link.txt"))
    expect(await storage.copy("link.txt", "d/copy.txt")).toMatchObject({ cacheControl: "no-store" })
    expect(await storage.move("link.txt", "d/moved.txt")).toMatchObject({ cacheControl: "no-store" })
    expect(await names(storage.list())).toEqual(["d/copy.txt", "d/moved.txt", "real/a.txt"])
    expect(await storage.open("d/moved.txt").text()).toBe("x")
    await symlink("real/a.txt", join(root, "link.txt"))
    await storage.delete("link.txt")
    expect(await storage.open("real/a.txt").text()).toBe("x")
  })

  test("that leads into the storage's own directory is refused", async () => {
    const root = await temporaryRoot()
    const storage = new LocalStorage(root)
    await storage.save("a.txt", "x", { cacheControl: "no-store" })
    await symlink(".node-storages", join(root, "own"))
    await expect(storage.save("own/x", "x")).rejects.toMatchObject({ code: "permission-denied" })
    await expect(storage.listdir("own/meta")).rejects.toMatchObject({ code: "permission-denied" })
  })
})

test.skipIf(windows)("a FIFO or a socket does not hang: it is no file, not listed, and its name is taken", async () => {
  const root = await temporaryRoot()
  const storage = new LocalStorage(root)
  execFileSync("mkfifo", [join(root, "pipe")])
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(join(root, "socket"), resolve))
  try {
    for (const name of ["pipe", "socket"]) {
      expect(await storage.exists(name)).toBe(false)
      await expect(storage.open(name).bytes()).rejects.toMatchObject({ code: "not-found" })
      await expect(storage.copy(name, "copy")).rejects.toMatchObject({ code: "not-found" })
      expect(await storage.save(name, "x")).toMatch(new RegExp(`^${name}_`))
    }
    expect((await names(storage.list())).map((name) => name.replace(/_.*/, "_"))).toEqual(["pipe_", "socket_"])
  } finally {
    server.close()
  }
})
