import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { type LocalPlace, localPlace, removeEmptyFolders } from "./local-place.ts"
import type { Wanted } from "./place.ts"

let folder: string

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "local-place-")))
  mkdirSync(join(folder, "files/deep"), { recursive: true })
  writeFileSync(join(folder, "files/a.txt"), "a")
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const partsOf = ({ folder: root, name, base, directory }: LocalPlace) => ({
  root: root.slice(folder.length),
  name,
  base,
  directory,
})
const place = (path: string, wanted?: Wanted) => partsOf(localPlace(path, folder, wanted))

describe("a place of this machine", () => {
  it("is a folder that is there, a file in its folder, or a file that is not there yet", () => {
    expect(place("files")).toEqual({ root: "/files", name: "", base: "files", directory: true })
    expect(place("./files/a.txt")).toEqual({ root: "/files", name: "a.txt", base: "a.txt", directory: false })
    expect(place("files/new/b.txt")).toEqual({ root: "/files/new", name: "b.txt", base: "b.txt", directory: false })
    expect(place("files/new/")).toEqual({ root: "/files/new", name: "", base: "new", directory: true })
    expect(place(".")).toEqual({ root: "", name: "", base: "", directory: true })
  })

  it("is a folder where one is wanted, and refused where a file is", () => {
    expect(place("new", "directory")).toEqual({ root: "/new", name: "", base: "new", directory: true })
    expect(() => place("files/a.txt", "directory")).toThrow("files/a.txt is a file, where a folder is meant.")
    expect(() => place("files/a.txt/")).toThrow("is a file, where a folder is meant.")
  })

  it("is what a link leads to, under the link's name, or the link itself where that is wanted", () => {
    symlinkSync(join(folder, "files/a.txt"), join(folder, "link.txt"))
    symlinkSync(join(folder, "files"), join(folder, "linked"))
    expect(place("link.txt", "file")).toEqual({ root: "/files", name: "a.txt", base: "link.txt", directory: false })
    expect(place("link.txt", "link")).toEqual({ root: "", name: "link.txt", base: "link.txt", directory: false })
    expect(place("linked")).toEqual({ root: "/files", name: "", base: "linked", directory: true })
    expect(place("linked", "link")).toEqual({ root: "", name: "linked", base: "linked", directory: false })
    expect(place("linked/a.txt", "link")).toEqual({ root: "/files", name: "a.txt", base: "a.txt", directory: false })
  })

  it.skipIf(process.platform === "win32")(
    "is refused where its name holds a backslash, which storages read as a slash",
    () => {
      expect(() => place("files\\a.txt")).toThrow("holds a backslash")
    },
  )

  it("keeps no headers beside the files that are copied into it", async () => {
    const { storage } = localPlace("files/", folder)
    await storage.write("b.html", "x", { contentType: "text/plain", metadata: { a: "b" } })
    expect(await storage.stat("b.html")).toMatchObject({ contentType: "text/html" })
    expect((await storage.stat("b.html")).metadata).toBeUndefined()
  })

  it("is removed with the empty folders in it, and stays where anything is left", async () => {
    expect(await removeEmptyFolders(join(folder, "files"))).toBe(false)
    rmSync(join(folder, "files/a.txt"))
    mkdirSync(join(folder, "files/other"))
    expect(await removeEmptyFolders(join(folder, "files"))).toBe(true)
  })
})
