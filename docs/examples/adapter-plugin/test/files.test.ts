import { execFileSync } from "node:child_process"
import { lstat, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, utimes, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { SftpStorage, type SftpStorageOptions } from "storages-sftp"
import { afterEach, describe, expect, it } from "vitest"
import { PATIENCE } from "../../../../test/patience.ts"
import { access, describeOnOpenSsh, failureOf, newRoot, startProcess } from "./support.ts"
import { MEBIBYTE, numbered } from "./task.ts"

await describeOnOpenSsh("files on OpenSSH", (server) => {
  const open: SftpStorage[] = []
  afterEach(async () => {
    await Promise.all(open.splice(0).map((storage) => storage.close()))
  })
  function make(options: Partial<SftpStorageOptions> = {}, root: string = newRoot(server)) {
    const storage = new SftpStorage(root, { ...access(server), ...options })
    open.push(storage)
    return { root, storage, temporary: async () => readdir(join(root, ".storages-sftp")) }
  }

  describe("three processes", () => {
    const processes = ["one", "two", "three"]

    it("get names of their own when they save one name, and every body is kept whole", async () => {
      const { root, storage, temporary } = make()
      const runs = processes.map((id) => startProcess({ root, options: access(server), task: "save", id }).result)
      const saved = (await Promise.all(runs)).flat() as [string, string][]
      expect(new Set(saved.map(([name]) => name)).size).toBe(120)
      for (const [name, body] of saved) expect(await storage.open(name).text()).toBe(body)
      expect(await Array.fromAsync(storage.list("race"))).toHaveLength(120)
      expect(await temporary()).toEqual([])
    })

    it("have exactly one winner for each name that all try to create", async () => {
      const { root, storage } = make()
      const runs = processes.map((id) => startProcess({ root, options: access(server), task: "create", id }).result)
      const won = (await Promise.all(runs)) as string[][]
      expect(won.flat().toSorted()).toEqual(Array.from({ length: 60 }, (_, index) => `once/${index}.txt`).toSorted())
      for (const [index, id] of processes.entries()) {
        for (const name of won[index]!) expect(await storage.open(name).text()).toBe(id)
      }
    })
  })

  it("a process that is killed while it uploads leaves nothing under the name, and what it leaves is swept", async () => {
    const { root, storage, temporary } = make()
    const { child, started, result } = startProcess({ root, options: access(server), task: "upload", id: "" })
    await started
    child.kill("SIGKILL")
    await expect(result).rejects.toThrow("ended with null")
    expect(await storage.exists("never.bin")).toBe(false)
    expect(await Array.fromAsync(storage.list())).toEqual([])
    expect(await temporary()).toHaveLength(1)
    expect(await storage.sweep()).toBe(0)
    expect(await storage.sweep({ olderThan: 0 })).toBe(1)
    expect(await temporary()).toEqual([])
  })

  it("temporary files that are older than a day are swept by the first write", async () => {
    const { root, storage, temporary } = make()
    await mkdir(join(root, ".storages-sftp"), { recursive: true })
    for (const [name, hours] of [
      ["old.tmp", 25],
      ["new.tmp", 23],
    ] as const) {
      const path = join(root, ".storages-sftp", name)
      await writeFile(path, "left")
      const time = Date.now() / 1000 - hours * 3600
      await utimes(path, time, time)
    }
    await storage.write("a.txt", "x")
    await expect.poll(temporary, { timeout: PATIENCE }).toEqual(["new.tmp"])
  })

  it("a stream that fails in the middle leaves the old version, and no temporary file", async () => {
    const { storage, temporary } = make()
    await storage.write("a.bin", "old")
    async function* failing() {
      yield* numbered(3 * MEBIBYTE)
      throw new Error("the source broke")
    }
    expect((await failureOf(storage.write("a.bin", failing()))).code).toBe("source-failed")
    expect(await storage.open("a.bin").text()).toBe("old")
    expect(await temporary()).toEqual([])
  })

  it("a copy and a move carry the bytes and replace the target, on the server", async () => {
    const { storage, temporary } = make()
    await storage.write("from.bin", numbered(5 * MEBIBYTE))
    await storage.write("to/copied.bin", "old and shorter")
    await storage.copy("from.bin", "to/copied.bin")
    await storage.move("from.bin", "to/moved.bin")
    const [copied, moved] = await Promise.all([
      storage.open("to/copied.bin").bytes(),
      storage.open("to/moved.bin").bytes(),
    ])
    expect(copied.byteLength).toBe(5 * MEBIBYTE)
    expect(Buffer.compare(copied, moved)).toBe(0)
    expect((await Array.fromAsync(storage.list())).map(({ name }) => name)).toEqual(["to/copied.bin", "to/moved.bin"])
    expect(await temporary()).toEqual([])
  })

  it("a thousand small files are written, listed in the order of their bytes, read and deleted", async () => {
    const { storage, root } = make({ pruneEmptyDirectories: true })
    const names = Array.from({ length: 1000 }, (_, index) => `${index % 7}/é${index}.txt`)
    await Promise.all(names.map((name) => storage.write(name, name)))
    const listed = (await Array.fromAsync(storage.list())).map(({ name }) => name)
    expect(listed).toEqual(names.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))))
    expect(await Promise.all(names.map((name) => storage.open(name).text()))).toEqual(names)
    await storage.deleteMany(names)
    expect(await readdir(root)).toEqual([".storages-sftp"])
  })

  it("a file of 64 MiB passes through a process that holds less than three quarters of it", async () => {
    const { root } = make()
    const { result } = startProcess({ root, options: access(server), task: "large", id: "" })
    const { read, growth } = (await result) as { read: number; growth: number }
    expect(read).toBe(64 * MEBIBYTE)
    expect(growth).toBeLessThan(48 * MEBIBYTE)
  })

  it("a listing can be asked for a page again, and gives it again", async () => {
    const { storage } = make()
    await Promise.all(Array.from({ length: 1100 }, (_, index) => storage.write(`${index % 3}/${index}.txt`, "x")))
    const { driver } = storage
    const first = await driver.page({ prefix: "", recursive: true })
    const second = await driver.page({ prefix: "", recursive: true, cursor: first.cursor })
    expect([first.files.length, second.files.length, second.cursor]).toEqual([1000, 100, undefined])
    const again = await driver.page({ prefix: "", recursive: true, cursor: first.cursor })
    expect(again.files).toEqual(second.files)
  })

  it("folders that a delete leaves empty stay, and are not listed, unless they are to be pruned", async () => {
    const kept = make()
    await kept.storage.write("a/b/c.txt", "x")
    await kept.storage.delete("a/b/c.txt")
    expect(await readdir(join(kept.root, "a"))).toEqual(["b"])
    expect((await kept.storage.listdir()).directories).toEqual([])

    const pruned = make({ pruneEmptyDirectories: true })
    await pruned.storage.write("a/b/c.txt", "x")
    await pruned.storage.write("a/d.txt", "x")
    await pruned.storage.delete("a/b/c.txt")
    expect(await readdir(join(pruned.root, "a"))).toEqual(["d.txt"])
  })

  it("files and folders get the modes that are asked for, and the folder of temporary files is nobody else's", async () => {
    const { storage, root } = make({ fileMode: 0o664, directoryMode: 0o775 })
    await storage.write("folder/a.txt", "x")
    const modes = await Promise.all(["folder/a.txt", "folder", ".storages-sftp"].map((name) => stat(join(root, name))))
    expect(modes.map(({ mode }) => mode & 0o777)).toEqual([0o664, 0o775, 0o700])
  })

  it("a link is read and listed as the file that it leads to; FIFOs and links to folders are no files", async () => {
    const { storage, root } = make()
    await storage.write("folder/a.txt", "linked")
    await symlink("folder/a.txt", join(root, "link.txt"))
    await symlink("folder", join(root, "other"))
    await symlink("nowhere", join(root, "broken"))
    execFileSync("mkfifo", [join(root, "pipe")])
    const { files, directories } = await storage.listdir()
    expect([files.map(({ name }) => name), directories]).toEqual([["link.txt"], ["folder"]])
    expect(await storage.open("link.txt").text()).toBe("linked")
    expect(await storage.exists("pipe")).toBe(false)
    expect((await failureOf(storage.open("pipe").bytes())).code).toBe("not-found")
    await storage.move("link.txt", "folder/deeper/b.txt")
    expect((await lstat(join(root, "folder/deeper/b.txt"))).isFile()).toBe(true)
    expect(await storage.open("folder/deeper/b.txt").text()).toBe("linked")
  })

  it("a folder or file that is in the way is a conflict, and stays", async () => {
    const { storage } = make()
    await storage.write("a/b.txt", "x")
    expect((await failureOf(storage.write("a", "y"))).code).toBe("conflict")
    expect((await failureOf(storage.write("a/b.txt/c", "y"))).code).toBe("conflict")
    expect(await storage.open("a/b.txt").text()).toBe("x")
  })

  it("what the storage keeps for itself, and what can't be a name there, is refused", async () => {
    const { storage } = make()
    expect((await failureOf(storage.write(".storages-sftp/a", "x"))).code).toBe("invalid-name")
    expect((await failureOf(storage.write("a\ufffd.txt", "x"))).message).toContain("U+FFFD")
    expect((await failureOf(storage.write("é".repeat(128), "x"))).code).toBe("invalid-name")
  })

  it.skipIf(process.getuid?.() !== 0)("a full disk is no-space, and keeps what was there", async () => {
    const folder = await mkdtemp(join(tmpdir(), "storages-sftp-full-"))
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=2m", "tmpfs", folder])
    try {
      const { storage } = make({}, folder)
      await storage.write("a.bin", "old")
      const error = await failureOf(storage.write("a.bin", numbered(4 * MEBIBYTE)))
      expect(error.code).toBe("no-space")
      expect(await readFile(join(folder, "a.bin"), "utf8")).toBe("old")
      expect(await readdir(join(folder, ".storages-sftp"))).toEqual([])
    } finally {
      execFileSync("umount", ["--lazy", folder])
      await rm(folder, { recursive: true })
    }
  })
})

const READ_ONLY = ["ForceCommand internal-sftp -R"]

await describeOnOpenSsh(
  "files on an OpenSSH that is only to be read",
  (server) => {
    it("are read and listed, and what changes them is refused, with what is needed", async () => {
      await writeFile(join(server.folder, "a.txt"), "to be read")
      const storage = new SftpStorage(server.folder, access(server))
      expect(await storage.open("a.txt").text()).toBe("to be read")
      expect((await storage.listdir()).files.map(({ name }) => name)).toEqual(["a.txt"])
      const deleted = await failureOf(storage.delete("a.txt"))
      expect([deleted.code, deleted.message]).toEqual([
        "permission-denied",
        expect.stringContaining("write (w) and search (x)"),
      ])
      const saved = await failureOf(storage.save("b.txt", "x"))
      expect([saved.code, saved.message]).toEqual(["unsupported", expect.stringContaining("lets this user only read")])
      await storage.close()
    })
  },
  READ_ONLY,
)

await describeOnOpenSsh(
  "a copy on an OpenSSH that copies nothing by itself, as those before 9.0",
  (server) => {
    it("passes through this process, and is whole", async () => {
      const storage = new SftpStorage(newRoot(server), access(server))
      await storage.write("from.bin", numbered(5 * MEBIBYTE + 1))
      await storage.copy("from.bin", "to.bin")
      await storage.copy("from.bin", "new.bin", { ifAbsent: true })
      const [from, to, created] = await Promise.all(
        ["from.bin", "to.bin", "new.bin"].map((name) => storage.open(name).bytes()),
      )
      expect(from!.byteLength).toBe(5 * MEBIBYTE + 1)
      expect([Buffer.compare(from!, to!), Buffer.compare(from!, created!)]).toEqual([0, 0])
      await storage.close()
    })
  },
  ["ForceCommand internal-sftp -P copy-data"],
)
