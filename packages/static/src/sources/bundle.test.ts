import { join } from "node:path"
import { describe, expect, test } from "vitest"
import { bundle } from "./bundle.ts"
import { gather } from "./gather.ts"
import { filesOf, namesOf, textOf, tree } from "./testing/tree.ts"

const VITE = {
  "index.html": {
    file: "assets/index-B1xYz2Ab.js",
    name: "index",
    src: "index.html",
    isEntry: true,
    css: ["assets/index-C9dEf3Gh.css"],
  },
  "src/admin.ts": {
    file: "assets/admin-D4eFg5Hi.js",
    name: "admin",
    src: "src/admin.ts",
    isEntry: true,
    imports: ["_shared-E6fGh7Ij.js"],
    assets: ["assets/logo-F8gHi9Jk.svg"],
  },
  "_shared-E6fGh7Ij.js": { file: "assets/shared-E6fGh7Ij.js", name: "shared" },
  "../shared/x.ts": { file: "assets/x-G0hIj1Kl.js", name: "x" },
}
const VITE_FILES = [
  "index.html",
  "favicon.ico",
  "assets/index-B1xYz2Ab.js",
  "assets/index-B1xYz2Ab.js.map",
  "assets/x-G0hIj1Kl.js",
  "assets/admin-D4eFg5Hi.js",
  "assets/index-C9dEf3Gh.css",
  "assets/logo-F8gHi9Jk.svg",
  "assets/shared-E6fGh7Ij.js",
]
const byNames = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, name]))
const viteOutput = () => tree({ ...byNames(VITE_FILES), ".vite/manifest.json": VITE })

const hashedOf = async (source: ReturnType<typeof bundle>) =>
  (await filesOf(source)).filter(({ hashed }) => hashed === true).map(({ name }) => name)

describe("a bundle of Vite", () => {
  test("has what its manifest names as hashed, source maps with it, and all else as ordinary files", async () => {
    const source = bundle({ folder: await viteOutput() })
    expect(await hashedOf(source)).toEqual(VITE_FILES.filter((name) => name.startsWith("assets/")).toSorted())
    const ordinary = (await filesOf(source)).filter(({ hashed }) => hashed !== true).map(({ name }) => name)
    expect(ordinary).toEqual(["favicon.ico", "index.html"])
  })

  test("has the manifest's keys as aliases, but not those that are files or no names", async () => {
    const files = await filesOf(bundle({ folder: await viteOutput() }))
    const aliases = files.filter((file) => file.aliases !== undefined).map((file) => [file.name, file.aliases])
    expect(aliases).toEqual([
      ["assets/admin-D4eFg5Hi.js", ["src/admin.ts"]],
      ["assets/shared-E6fGh7Ij.js", ["_shared-E6fGh7Ij.js"]],
    ])
  })

  test("tells which chunks a file imports, and which style sheets a page loads with it", async () => {
    const files = await filesOf(bundle({ folder: await viteOutput(), prefix: "app" }))
    const known = files.filter(({ imports, styles }) => imports !== undefined || styles !== undefined)
    expect(known.map(({ name, imports, styles }) => ({ name, imports, styles }))).toEqual([
      { name: "app/assets/admin-D4eFg5Hi.js", imports: ["app/assets/shared-E6fGh7Ij.js"], styles: undefined },
      { name: "app/assets/index-B1xYz2Ab.js", imports: undefined, styles: ["app/assets/index-C9dEf3Gh.css"] },
    ])
  })

  test("puts its prefix before names and aliases", async () => {
    const source = bundle({ folder: await viteOutput(), prefix: "web" })
    expect((await namesOf(source)).every((name) => name.startsWith("web/"))).toBe(true)
    expect(await source.find("web/src/admin.ts")).toMatchObject({
      name: "web/assets/admin-D4eFg5Hi.js",
      hashed: true,
      aliases: ["web/src/admin.ts"],
    })
    expect(await source.find("src/admin.ts")).toBeUndefined()
  })

  test("finds what it gives, by name and by alias, and nothing else", async () => {
    const source = bundle({ folder: await viteOutput() })
    for (const file of await filesOf(source)) {
      const { read: _, ...known } = file
      for (const name of [file.name, ...(file.aliases ?? [])]) {
        const { read, ...found } = (await source.find(name))!
        expect(found).toEqual(known)
        expect(new TextDecoder().decode(await read())).toBe(file.name)
      }
    }
    expect(await textOf(await source.find("index.html"))).toBe("index.html")
    for (const name of [".vite/manifest.json", "src/none.ts", "assets"]) expect(await source.find(name)).toBeUndefined()
    await expect(source.find("../shared/x.ts")).rejects.toMatchObject({ code: "invalid-name" })
  })

  test("does not publish its manifest, and says so", async () => {
    const { files, ignored } = await gather([bundle({ folder: await viteOutput(), prefix: "web" })])
    expect(files).toHaveLength(VITE_FILES.length)
    expect(ignored).toMatchObject([{ name: "web/.vite/manifest.json", pattern: "the bundler's manifest" }])
  })

  test("that is built without hashes has ordinary files with aliases", async () => {
    const manifest = {
      "src/main.ts": { file: "assets/main.js", name: "main", src: "src/main.ts", css: ["assets/main.css"] },
      "src/logo.svg": { file: "assets/logo.svg", src: "src/logo.svg" },
    }
    const names = ["assets/main.js", "assets/main.css", "assets/logo.svg"]
    const source = bundle({ folder: await tree({ ...byNames(names), ".vite/manifest.json": manifest }) })
    expect(await hashedOf(source)).toEqual([])
    expect(await source.find("src/main.ts")).toMatchObject({ name: "assets/main.js" })
  })
})

describe("a bundle with a plain manifest", () => {
  test("has names and hashed names", async () => {
    const folder = await tree({
      ...byNames(["app.3f9a1c.js", "app.3f9a1c.js.map", "robots.txt", "453.8ab44547.chunk.js", "20240131.pdf"]),
      "manifest.json": {
        "app.js": "app.3f9a1c.js",
        "robots.txt": "robots.txt",
        "20240131.pdf": "20240131.pdf",
        "453.8ab44547.chunk.js": "453.8ab44547.chunk.js",
      },
    })
    const source = bundle({ folder })
    expect(await hashedOf(source)).toEqual(["453.8ab44547.chunk.js", "app.3f9a1c.js", "app.3f9a1c.js.map"])
    expect(await source.find("app.js")).toMatchObject({ name: "app.3f9a1c.js", aliases: ["app.js"] })
    expect(await namesOf(source)).not.toContain("manifest.json")
  })

  test.each([
    ["/static/", "/static/js/app.1a.js"],
    ["https://cdn.example.com/x/", "https://cdn.example.com/x/js/app.1a.js"],
    [undefined, "/js/app.1a.js"],
    [undefined, "./js/app.1a.js"],
    [undefined, "js/app.1a.js?v=3"],
  ])("takes base %s off %s", async (base, value) => {
    const folder = await tree({ "js/app.1a.js": "", "build.json": { "app.js": value } })
    const source = bundle({ folder, manifest: "build.json", ...(base !== undefined && { base }) })
    expect(await source.find("app.js")).toMatchObject({ name: "js/app.1a.js", hashed: true })
  })

  test("may have its manifest outside of the folder", async () => {
    const root = await tree({ "dist/app.1a.js": "", "m.json": { "app.js": "app.1a.js" } })
    for (const manifest of ["../m.json", join(root, "m.json")]) {
      expect(await hashedOf(bundle({ folder: join(root, "dist"), manifest }))).toEqual(["app.1a.js"])
    }
  })
})

describe("what is wrong with a bundle is told with a path", () => {
  const failing = async (files: Record<string, string | object>, code: string, message: string, base?: string) => {
    const folder = await tree(files)
    const source = bundle({ folder, ...(base !== undefined && { base }) })
    await expect(namesOf(source)).rejects.toMatchObject({ code, message: expect.stringContaining(message) })
    await expect(namesOf(source)).rejects.toMatchObject({ message: expect.stringContaining(folder) })
    return source
  }

  test("no manifest", () => failing({ "app.js": "" }, "missing-manifest", "Build the bundle first"))
  test("one that is no JSON", () => failing({ "manifest.json": "{" }, "invalid-manifest", "is no JSON"))
  test("one that is no object", () => failing({ "manifest.json": "[]" }, "invalid-manifest", "a JSON object"))
  test("a value of another kind", () =>
    failing({ "manifest.json": { a: 7 } }, "invalid-manifest", `the value of "a" must be a string`))
  test("a list of another kind", () =>
    failing({ "manifest.json": { a: { file: "a", css: "x" } } }, "invalid-manifest", `"css" of "a"`))
  test.each(["https://cdn.example.com/a.js", "//cdn.example.com/a.js", "../a.js", ""])(
    "a value that is no file: %s",
    (value) =>
      failing({ "manifest.json": { "a.js": value } }, "invalid-manifest", "give it as base").then(() => undefined),
  )

  test("a file that the manifest names and that is not there", async () => {
    const source = await failing({ "manifest.json": { "a.js": "a.1f.js" } }, "unreadable-file", `names "a.1f.js"`)
    await expect(source.find("a.js")).rejects.toMatchObject({ code: "unreadable-file" })
  })

  test("but not a file that is ignored", async () => {
    const folder = await tree({ "x/a.1f.js": "", "manifest.json": { "a.js": "x/a.1f.js" } })
    const { ignored } = await gather([bundle({ folder })], { ignore: ["x"] })
    expect(ignored.map(({ name }) => name)).toContain("x/")
  })

  test("a folder that is not there", async () => {
    const folder = join(await tree(), "dist")
    await expect(namesOf(bundle({ folder }))).rejects.toMatchObject({ code: "unreadable-source" })
  })

  test("wrong options", () => {
    for (const options of [
      { folder: "a", manifst: "x" },
      {},
      { folder: "a", manifest: "" },
      { folder: "a", base: 7 },
      undefined,
    ]) {
      expect(() => bundle(options as never)).toThrow(expect.objectContaining({ code: "invalid-option" }))
    }
  })
})
