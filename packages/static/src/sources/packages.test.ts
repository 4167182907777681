import { mkdir, symlink } from "node:fs/promises"
import { join } from "node:path"
import { describe, expect, test } from "vitest"
import { gather } from "./gather.ts"
import { packages } from "./packages.ts"
import { addFiles, filesOf, namesOf, textOf, tree } from "./testing/tree.ts"

const installed = (name: string) => `node_modules/${name}`

describe("packages", () => {
  test("gives the app's files, then its workspaces', then its dependencies' in the order of package.json", async () => {
    const root = await tree({
      "package.json": { workspaces: ["packages/*"], dependencies: { zeta: "1", "@s/alpha": "1" } },
      "static/app.css": "",
      "packages/b/package.json": { name: "b" },
      "packages/b/static/b/b.css": "",
      "packages/a/package.json": { name: "a" },
      "packages/a/static/a/a.css": "",
      "packages/no-package/static/x.css": "",
      [`${installed("zeta")}/package.json`]: { static: "dist" },
      [`${installed("zeta")}/dist/zeta.css`]: "",
      [`${installed("@s/alpha")}/package.json`]: { static: { folder: "./build/", prefix: "alpha" } },
      [`${installed("@s/alpha")}/build/alpha.css`]: "",
      [`${installed("stray")}/package.json`]: { static: "dist" },
      [`${installed("stray")}/dist/stray.css`]: "",
    })
    expect(await namesOf(packages({ root }))).toEqual(["app.css", "a/a.css", "b/b.css", "zeta.css", "alpha/alpha.css"])
  })

  test("lets the app win over a dependency", async () => {
    const root = await tree({
      "package.json": { dependencies: { lib: "1" } },
      "static/lib/x.css": "app",
      "node_modules/lib/package.json": { static: { folder: "dist", prefix: "lib" } },
      "node_modules/lib/dist/x.css": "lib",
    })
    const source = packages({ root })
    expect(await textOf(await source.find("lib/x.css"))).toBe("app")
    const { files, duplicates } = await gather([source])
    expect(await textOf(files[0])).toBe("app")
    expect(duplicates).toHaveLength(1)
  })

  test("takes of dependencies only those that say so, of workspaces those that don't refuse", async () => {
    const root = await tree({
      "package.json": { workspaces: { packages: ["libs/**"] }, dependencies: { lib: "1" } },
      "node_modules/lib/package.json": {},
      "node_modules/lib/static/x.css": "",
      "libs/a/package.json": { static: false },
      "libs/a/static/a.css": "",
      "libs/deep/b/package.json": {},
      "libs/deep/b/static/b.css": "",
      "libs/deep/b/node_modules/c/package.json": {},
      "libs/deep/b/node_modules/c/static/c.css": "",
    })
    expect(await namesOf(packages({ root }))).toEqual(["b.css"])
  })

  test("takes a dependency that is a link to a workspace package once, and by its folder", async () => {
    const monorepo = await tree({
      "apps/web/package.json": { dependencies: { ui: "workspace:*" } },
      "libs/ui/package.json": {},
      "libs/ui/static/ui.css": "",
    })
    await mkdir(join(monorepo, "apps/web/node_modules"))
    await symlink(join(monorepo, "libs/ui"), join(monorepo, "apps/web/node_modules/ui"))
    expect(await namesOf(packages({ root: join(monorepo, "apps/web") }))).toEqual(["ui.css"])
    await addFiles(monorepo, {
      "package.json": { workspaces: ["libs/*"], dependencies: { ui: "*" } },
      "x.css": "",
    })
    await mkdir(join(monorepo, "node_modules"))
    await symlink(join(monorepo, "libs/ui"), join(monorepo, "node_modules/ui"))
    expect(await namesOf(packages({ root: monorepo }))).toEqual(["ui.css"])
  })

  test("finds dependencies in a node_modules folder further up", async () => {
    const root = await tree({
      "apps/web/package.json": { dependencies: { lib: "1" } },
      "node_modules/lib/package.json": { static: "dist" },
      "node_modules/lib/dist/x.css": "",
    })
    expect(await namesOf(packages({ root: join(root, "apps/web") }))).toEqual(["x.css"])
  })

  test("takes another field and another folder", async () => {
    const root = await tree({
      "package.json": { dependencies: { lib: "1" } },
      "public/a.css": "",
      "static/no.css": "",
      "node_modules/lib/package.json": { assets: "dist", static: "no" },
      "node_modules/lib/dist/x.css": "",
    })
    expect(await namesOf(packages({ root, field: "assets", folder: "public" }))).toEqual(["a.css", "x.css"])
  })

  test("does without what is optional and not installed", async () => {
    const root = await tree({
      "package.json": {
        dependencies: { gone: "1" },
        optionalDependencies: { gone: "1" },
        devDependencies: { dev: "1" },
      },
    })
    expect(await filesOf(packages({ root }))).toEqual([])
  })

  test("looks again after a failure", async () => {
    const root = await tree({ "static/a.css": "" })
    const source = packages({ root })
    await expect(source.find("a.css")).rejects.toMatchObject({ code: "unreadable-source" })
    await addFiles(root, { "package.json": {} })
    expect(await source.find("a.css")).toMatchObject({ name: "a.css" })
    await expect(source.find("../a.css")).rejects.toMatchObject({ code: "invalid-name" })
  })
})

describe("what is wrong is told with the path of the package.json", () => {
  const failing = async (files: Record<string, string | object>, code: string, message: string) => {
    const root = await tree(files)
    await expect(namesOf(packages({ root }))).rejects.toMatchObject({ code, message: expect.stringContaining(message) })
  }

  test("one that is missing", () => failing({}, "unreadable-source", "There is no package.json in"))
  test("one that is no JSON", () => failing({ "package.json": "{" }, "unreadable-source", "package.json is no JSON"))
  test("one that is no object", () => failing({ "package.json": "[]" }, "unreadable-source", "must hold a JSON object"))
  test("a dependency that is not installed", () =>
    failing({ "package.json": { dependencies: { "@s/gone": "1" } } }, "unreadable-source", "The dependency @s/gone of"))
  test("a dependency that would lead elsewhere", () =>
    failing({ "package.json": { dependencies: { "../x": "1" } } }, "unreadable-source", "is no name of a package"))
  test("workspaces that are no list", () =>
    failing({ "package.json": { workspaces: "libs/*" } }, "unreadable-source", `"workspaces" must be an array`))

  test.each([["../../etc"], ["/etc"], [true], [""], [{}], [{ folder: "dist", prefix: "../x" }], [{ folder: 7 }]])(
    "a field that gives no folder of the package: %j",
    async (field) => {
      await failing(
        {
          "package.json": { dependencies: { lib: "1" } },
          "node_modules/lib/package.json": { static: field },
        },
        "invalid-option",
        join("node_modules", "lib", "package.json"),
      )
    },
  )

  test("an unknown key in the field", () =>
    failing({ "package.json": { static: { folder: "a", prefx: "b" } } }, "invalid-option", 'Did you mean "prefix"?'))

  test("a folder that is not there", () =>
    failing({ "package.json": { static: "dist" } }, "unreadable-source", "does not exist"))

  test("a folder of a dependency that is a link out of it", async () => {
    const root = await tree({
      "package.json": { dependencies: { lib: "1" } },
      "node_modules/lib/package.json": { static: "dist" },
      "secret/key.pem": "",
    })
    await symlink(join(root, "secret"), join(root, "node_modules/lib/dist"))
    await expect(namesOf(packages({ root }))).rejects.toThrow("leads out of the package")
  })

  test("wrong options, before anything is read", () => {
    for (const options of [{ rot: "." }, { field: "" }, { folder: "../x" }, { folder: "" }, { root: 7 }]) {
      expect(() => packages(options as object)).toThrow(expect.objectContaining({ code: "invalid-option" }))
    }
  })
})
