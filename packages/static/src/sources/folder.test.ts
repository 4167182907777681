import { execFileSync } from "node:child_process"
import { mkdir, rename, rm, symlink, writeFile } from "node:fs/promises"
import { createServer } from "node:net"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { compareKeys } from "@node-storages/core"
import { describe, expect, test } from "vitest"
import { folder, FolderSource } from "./folder.ts"
import { type FileSystem, nodeFileSystem } from "./folder-entries.ts"
import { addFiles, filesOf, namesOf, textOf, tree } from "./testing/tree.ts"

const windows = process.platform === "win32"

describe("a folder", () => {
  test("gives every file however deep, hidden ones too, by the bytes of their names", async () => {
    const names = [
      "a/b.css",
      "a.css",
      "a-b/c.css",
      "z/y/x/w.js",
      ".well-known/security.txt",
      "Ä.txt",
      "😀.png",
      "\uffee.png",
    ]
    const root = await tree(names)
    expect(await namesOf(folder(root))).toEqual(names.toSorted(compareKeys))
    expect(names.toSorted(compareKeys).indexOf("a.css")).toBeLessThan(names.toSorted(compareKeys).indexOf("a/b.css"))
  })

  test("keeps odd names as they are", async () => {
    const names = ["a b (1).css", "50%+#&~'.css", "q?.js"]
    const root = await tree(names)
    expect(await namesOf(folder(root))).toEqual(names.toSorted(compareKeys))
    expect(await textOf(await folder(root).find("50%+#&~'.css"))).toBe("50%+#&~'.css")
  })

  test("puts its prefix before each name, with or without a slash", async () => {
    const root = await tree(["app.css", "img/a.png"])
    for (const prefix of ["vendor/x", "vendor/x/"]) {
      const source = folder(root, { prefix })
      expect(await namesOf(source)).toEqual(["vendor/x/app.css", "vendor/x/img/a.png"])
      expect(await textOf(await source.find("vendor/x/app.css"))).toBe("app.css")
      expect(await source.find("app.css")).toBeUndefined()
      expect(await source.find("vendor/x")).toBeUndefined()
    }
  })

  test("reads a file whole, and tells where it is", async () => {
    const root = await tree({ "css/app.css": "body {}" })
    const [file] = await filesOf(folder(root))
    expect(file).toMatchObject({ name: "css/app.css", origin: join(root, "css/app.css") })
    expect(await textOf(file)).toBe("body {}")
  })

  test("may be given as a file: URL", async () => {
    const root = await tree(["a.css"])
    expect(await namesOf(folder(pathToFileURL(root)))).toEqual(["a.css"])
  })

  test("is empty where it holds only folders", async () => {
    const root = await tree()
    await mkdir(join(root, "empty/deeper"), { recursive: true })
    expect(await namesOf(folder(root))).toEqual([])
  })

  test("leaves out what its own patterns match, by names without the prefix", async () => {
    const root = await tree(["src/a.scss", "dist/a.css", "dist/a.css.map"])
    const source = folder(root, { prefix: "x", ignore: ["src/**", "*.map"] })
    expect(await namesOf(source)).toEqual(["x/dist/a.css"])
    expect(await source.find("x/dist/a.css.map")).toBeUndefined()
    expect(await source.find("x/src/a.scss")).toBeUndefined()
  })

  test("is read anew each time", async () => {
    const root = await tree(["a.css"])
    const source = folder(root)
    expect(await namesOf(source)).toEqual(["a.css"])
    await addFiles(root, ["b.css"])
    expect(await namesOf(source)).toEqual(["a.css", "b.css"])
  })
})

describe("a folder that can't be read is an error that tells its path", () => {
  test("where it does not exist", async () => {
    const path = join(await tree(), "missing")
    const expected = { code: "unreadable-source", message: expect.stringContaining(`${path} does not exist`) }
    await expect(namesOf(folder(path))).rejects.toMatchObject(expected)
    await expect(folder(path).find("a.css")).rejects.toMatchObject(expected)
  })

  test("where it is a file", async () => {
    const root = await tree(["a.css"])
    const message = expect.stringContaining(`${join(root, "a.css")} is no folder`)
    await expect(namesOf(folder(join(root, "a.css")))).rejects.toMatchObject({ code: "unreadable-source", message })
  })

  test("where a directory in it is closed", async () => {
    const root = await tree(["a/b.css", "c.css"])
    const closed: FileSystem = {
      ...nodeFileSystem,
      readdir: (path) =>
        path.endsWith("a") ? Promise.reject(new Error("EACCES: denied")) : nodeFileSystem.readdir(path),
    }
    const message = expect.stringContaining(join(root, "a"))
    await expect(namesOf(new FolderSource(root, {}, closed))).rejects.toMatchObject({
      code: "unreadable-source",
      message,
    })
  })

  test("where a file has become a directory, or is gone, when it is read", async () => {
    const root = await tree(["a.css", "b.css"])
    const [a, b] = await filesOf(folder(root))
    await rm(join(root, "a.css"))
    await mkdir(join(root, "a.css"))
    await rm(join(root, "b.css"))
    await expect(a!.read()).rejects.toMatchObject({ code: "unreadable-file", file: join(root, "a.css") })
    await expect(b!.read()).rejects.toMatchObject({
      code: "unreadable-file",
      message: expect.stringContaining("removed"),
    })
  })
})

describe.skipIf(windows)("symbolic links", () => {
  test("to files and folders are followed, out of the folder too", async () => {
    const outside = await tree(["lib/x.js"])
    const root = await tree(["a.css"])
    await symlink(join(outside, "lib"), join(root, "lib"))
    await symlink(join(outside, "lib/x.js"), join(root, "lib.js"))
    await symlink("a.css", join(root, "b.css"))
    const source = folder(root)
    expect(await namesOf(source)).toEqual(["a.css", "b.css", "lib.js", "lib/x.js"])
    expect(await textOf(await source.find("lib/x.js"))).toBe("lib/x.js")
  })

  test("may lead to the same folder twice, which is no loop", async () => {
    const root = await tree(["real/x.js"])
    await symlink("real", join(root, "one"))
    await symlink("real", join(root, "two"))
    expect(await namesOf(folder(root))).toEqual(["one/x.js", "real/x.js", "two/x.js"])
  })

  test("may be the folder itself", async () => {
    const root = await tree(["real/x.js"])
    await symlink("real", join(root, "one"))
    expect(await namesOf(folder(join(root, "one")))).toEqual(["x.js"])
  })

  test.each([
    ["the folder", "a/loop", "."],
    ["a folder on the way", "a/b/loop", "a"],
    ["a folder above", "loop", ".."],
  ])("that lead back to %s are an error that names both paths", async (_, link, to) => {
    const root = await tree(["a/b/c.css"])
    await symlink(join(root, to), join(root, link))
    const error: unknown = await namesOf(folder(root)).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: "unreadable-source", message: expect.stringContaining(join(root, link)) })
    expect((error as Error).message).toContain("leads back to")
    expect(await namesOf(folder(root, { ignore: ["loop"] }))).toEqual(["a/b/c.css"])
  })

  test("that lead back are not followed to find a file either", async () => {
    const root = await tree(["a/c.css"])
    await symlink("..", join(root, "a/loop"))
    await expect(folder(root).find("a/loop/a/c.css")).rejects.toMatchObject({ code: "unreadable-source" })
  })

  test("to themselves are an error", async () => {
    const root = await tree()
    await symlink("self", join(root, "self"))
    const message = expect.stringContaining(join(root, "self"))
    await expect(namesOf(folder(root))).rejects.toMatchObject({ code: "unreadable-source", message })
  })

  test("to nothing are an error that names link and target, unless they are ignored", async () => {
    const root = await tree(["a.css"])
    await symlink("nowhere", join(root, "dangling"))
    const message = expect.stringMatching(/dangling leads to nowhere/)
    await expect(namesOf(folder(root))).rejects.toMatchObject({ code: "unreadable-file", message })
    expect(await namesOf(folder(root, { ignore: ["dangling"] }))).toEqual(["a.css"])
    expect(await folder(root).find("dangling")).toBeUndefined()
  })
})

describe.skipIf(windows)("what is no file is an error, unless it is ignored", () => {
  test("a named pipe", async () => {
    const root = await tree(["a.css"])
    execFileSync("mkfifo", [join(root, "pipe")])
    const message = expect.stringContaining("pipe is a named pipe")
    await expect(namesOf(folder(root))).rejects.toMatchObject({ code: "unreadable-file", message })
    expect(await namesOf(folder(root, { ignore: ["pipe"] }))).toEqual(["a.css"])
    expect(await folder(root).find("pipe")).toBeUndefined()
  })

  test("a socket", async () => {
    const root = await tree()
    const server = createServer()
    await new Promise<void>((done) => server.listen(join(root, "s"), done))
    await expect(namesOf(folder(root)).finally(() => server.close())).rejects.toThrow("is a socket")
  })
})

describe.skipIf(windows)("a name that no storage could hold", () => {
  test.each(["a\\b.css", "a\nb.css", "C:x.css"])("is an error that tells path and rule: %j", async (name) => {
    const root = await tree(["ok.css"])
    await writeFile(join(root, name), "")
    const error: unknown = await namesOf(folder(root)).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: "invalid-name", file: join(root, name) })
    expect((error as Error).message).toMatch(/a name must not|a name is/)
    expect(await namesOf(folder(root, { ignore: ["[!o]*"] }))).toEqual(["ok.css"])
  })

  test("is an error in the name of a directory too", async () => {
    const root = await tree()
    await mkdir(join(root, "a\\b"))
    await writeFile(join(root, "a\\b", "x.css"), "")
    await expect(namesOf(folder(root))).rejects.toMatchObject({ code: "invalid-name" })
  })

  test("is one that is not UTF-8 on disk", async () => {
    const root = await tree(["ok.css"])
    await rename(join(root, "ok.css"), Buffer.concat([Buffer.from(`${root}/caf`), Buffer.from([0xe9])]))
    await expect(namesOf(folder(root))).rejects.toMatchObject({
      code: "invalid-name",
      message: expect.stringContaining("not UTF-8"),
    })
  })
})

describe("find", () => {
  test("gives one file without listing the others", async () => {
    const root = await tree(["css/app.css", "js/app.js"])
    const listed: string[] = []
    const fileSystem: FileSystem = {
      ...nodeFileSystem,
      readdir: (path) => {
        listed.push(path)
        return nodeFileSystem.readdir(path)
      },
    }
    const file = await new FolderSource(root, {}, fileSystem).find("css/app.css")
    expect(file).toMatchObject({ name: "css/app.css", origin: join(root, "css/app.css") })
    expect(listed).not.toContain(join(root, "js"))
  })

  test.each(["", "/css/app.css", "../x", "css/../css/app.css", "css//app.css", "./css/app.css", "css\\app.css", "a\0"])(
    "refuses %j by the rule of names",
    async (name) => {
      const root = await tree(["css/app.css"])
      await expect(folder(root).find(name)).rejects.toMatchObject({ code: "invalid-name" })
    },
  )

  test.each(["missing.css", "css", "css/app.css/x", `${"x".repeat(300)}.css`])("gives nothing for %s", async (name) => {
    const root = await tree(["css/app.css"])
    expect(await folder(root).find(name)).toBeUndefined()
  })

  test("gives nothing for a name in another case, on file systems that find it too", async () => {
    const root = await tree(["css/app.css"])
    const lower = (path: string) => root + path.slice(root.length).toLowerCase()
    const insensitive: FileSystem = {
      ...nodeFileSystem,
      stat: (path) => nodeFileSystem.stat(lower(path)),
      readdir: (path) => nodeFileSystem.readdir(lower(path)),
      readFile: (path) => nodeFileSystem.readFile(lower(path)),
    }
    const source = new FolderSource(root, {}, insensitive)
    expect(await source.find("css/app.css")).toBeDefined()
    expect(await source.find("css/App.css")).toBeUndefined()
    expect(await source.find("CSS/app.css")).toBeUndefined()
  })
})

describe("wrong options are refused before anything is read", () => {
  test.each([[""], [undefined], [7], ["a\0b"], [new URL("https://example.com/")]])("as path: %s", (path) => {
    expect(() => folder(path as string)).toThrow(expect.objectContaining({ code: "invalid-option" }))
  })

  test.each([["../x"], ["/x"], ["a//b"], [7]])("as prefix: %s", (prefix) => {
    expect(() => folder("x", { prefix: prefix as string })).toThrow(expect.objectContaining({ code: "invalid-option" }))
  })

  test("as unknown ones, with the nearest", () => {
    expect(() => folder("x", { prefx: "a" } as object)).toThrow(`Did you mean "prefix"?`)
  })
})
