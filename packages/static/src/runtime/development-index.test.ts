import { mkdtemp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import type { SourceFile, StaticSource } from "../source.ts"
import { DevelopmentIndex } from "./development-index.ts"

let root: string

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "development-index-"))
  await mkdir(join(root, "css"))
  await writeFile(join(root, "css/app.css"), "a{}")
})
afterEach(async () => {
  await rm(root, { recursive: true })
})

/** The files of the folder, by a source that leaves out what ends in `.bak`. */
function source(prefix = ""): StaticSource & { listed: number } {
  const fileOf = (path: string): SourceFile => ({
    name: prefix + path,
    origin: join(root, path),
    read: () => readFile(join(root, path)),
  })
  return {
    description: "a folder",
    listed: 0,
    async *files() {
      this.listed += 1
      for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
        const path = join(entry.parentPath, entry.name).slice(root.length + 1)
        if (entry.isFile() && !path.endsWith(".bak")) yield fileOf(path)
      }
    },
    find: async (name) => (name === `${prefix}css/app.css` ? fileOf("css/app.css") : undefined),
  }
}

describe("DevelopmentIndex", () => {
  it("knows what is in the sources, and finds it by the first that has it", async () => {
    const index = await DevelopmentIndex.load({ sources: [source("x/"), source()] })
    expect([...index.names()]).toEqual(["x/css/app.css", "css/app.css"])
    expect(index.resolve("css/app.css")).toBe("css/app.css")
  })

  it("resolves a bundler's aliases, unless a file has that name", async () => {
    const built: StaticSource = {
      description: "built",
      async *files() {
        const read = async () => new Uint8Array()
        yield { name: "assets/a-1.js", origin: "built a", read, aliases: ["src/a.ts", "css/app.css"] }
      },
      find: async () => undefined,
    }
    const index = await DevelopmentIndex.load({ sources: [built, source()] })
    expect(index.resolve("src/a.ts")).toBe("assets/a-1.js")
    expect(index.resolve("css/app.css")).toBe("css/app.css")
  })

  it.each(["", "vendor/"])("sees a file that is added, also in a new directory, at once: prefix %j", async (prefix) => {
    const index = await DevelopmentIndex.load({ sources: [source(prefix)] })
    expect(index.resolve(`${prefix}css/new.css`)).toBe(undefined)
    await writeFile(join(root, "css/new.css"), "")
    await mkdir(join(root, "css/deep"))
    await writeFile(join(root, "css/deep/new.css"), "")
    expect(index.resolve(`${prefix}css/new.css`)).toBe(`${prefix}css/new.css`)
    expect(index.resolve(`${prefix}css/deep/new.css`)).toBe(`${prefix}css/deep/new.css`)
    await index.refresh()
  })

  it("sees a file in a directory that had none after the first miss", async () => {
    const index = await DevelopmentIndex.load({ sources: [source()] })
    await mkdir(join(root, "img"))
    await writeFile(join(root, "img/a.png"), "")
    expect(index.resolve("img/a.png")).toBe(undefined)
    await index.refresh()
    expect(index.resolve("img/a.png")).toBe("img/a.png")
  })

  it("forgets what is on disk and not in the source, and what was deleted, with the next listing", async () => {
    const index = await DevelopmentIndex.load({ sources: [source()] })
    await writeFile(join(root, "css/app.css.bak"), "")
    expect(index.resolve("css/app.css.bak")).toBe("css/app.css.bak")
    await index.refresh()
    expect([...index.names()]).toEqual(["css/app.css"])
    await rm(join(root, "css/app.css"))
    await index.refresh()
    expect(index.resolve("css/app.css")).toBe(undefined)
    await index.refresh()
  })

  it("takes no directory for a file, and looks at no name that leads out", async () => {
    await mkdir(join(root, "css/sub"))
    await writeFile(join(root, "secret"), "")
    const index = await DevelopmentIndex.load({ sources: [source("css/")] })
    expect(index.resolve("css/css/sub")).toBe(undefined)
    expect(index.resolve("css/css/../secret2")).toBe(undefined)
    expect(index.resolve("css/css/../css/app.css")).toBe(undefined)
    await index.refresh()
  })

  it("lists once for misses at a time", async () => {
    const one = source()
    const index = await DevelopmentIndex.load({ sources: [one] })
    for (const name of ["a", "b", "c"]) index.resolve(name)
    await index.refresh()
    expect(one.listed).toBe(2)
  })

  it("keeps what it knew, and tells, when a source fails", async () => {
    const told: unknown[] = []
    const one = source()
    const index = await DevelopmentIndex.load({ sources: [one] }, { onError: (error) => told.push(error) })
    const broken = new Error("gone")
    // oxlint-disable-next-line require-yield
    one.files = async function* () {
      throw broken
    }
    expect(index.resolve("nope")).toBe(undefined)
    await expect(index.refresh()).rejects.toBe(broken)
    expect(told).toEqual([broken])
    expect(index.resolve("css/app.css")).toBe("css/app.css")
  })
})
