import { join } from "node:path"
import { describe, expect, test } from "vitest"
import { tree } from "./testing/tree.ts"
import { pnpmPackages, workspaceDirectories } from "./workspaces.ts"

describe("the packages of a pnpm-workspace.yaml", () => {
  test.each([
    ["packages:\n  - packages/*\n  - apps/web\n", ["packages/*", "apps/web"]],
    [`packages:\n- "packages/*"\n- '!**/test/**'\n`, ["packages/*", "!**/test/**"]],
    [
      "# first\npackages: # which\n\n  # comment: it's one\n  - 'a#b/*' # why\n  - c#d\ncatalog:\n  x: 1\n",
      ["a#b/*", "c#d"],
    ],
    ["catalog:\n  - no\npackages:\r\n  - a\r\n  - 'it''s'\r\n", ["a", "it's"]],
    [`packages: ["a/*", 'b', c] # all\n`, ["a/*", "b", "c"]],
    ["packages: []\n", []],
    ["packages:\ncatalog:\n  x: 1\n", []],
    ["onlyBuiltDependencies:\n  - esbuild\n", []],
    ["", []],
  ])("are read from %j", (text, expected) => {
    expect(pnpmPackages(text, "x.yaml")).toEqual(expected)
  })

  test.each([
    "packages: &a [b]\n",
    "packages:\n  a: b\n",
    "packages:\n  - {a: b}\n",
    "packages:\n  - a: b\n",
    "packages: |\n  a\n",
  ])("are an error with the path where they are not understood: %j", (text) => {
    expect(() => pnpmPackages(text, "x.yaml")).toThrow(
      expect.objectContaining({ code: "unreadable-source", message: expect.stringContaining("x.yaml") }),
    )
  })
})

describe("the directories of workspaces", () => {
  const directories = async (workspaces: readonly string[], names: readonly string[]) => {
    const root = await tree(Object.fromEntries(names.map((name) => [`${name}/package.json`, {}])))
    const found = await workspaceDirectories(root, { path: "package.json", fields: { workspaces } })
    return found.map((path) => path.slice(root.length + 1))
  }

  test("come in the order of the patterns, each once", async () => {
    const names = ["apps/web", "libs/b", "libs/a"]
    expect(await directories(["libs/b", "./libs/*/", "apps/*"], names)).toEqual(["libs/b", "libs/a", "apps/web"])
  })

  test("are left out by a pattern with an exclamation mark, wherever it stands", async () => {
    const names = ["libs/a", "libs/test/b", "libs/c"]
    expect(await directories(["!libs/c", "libs/**", "!**/test/**"], names)).toEqual(["libs/a"])
  })

  test("are never in node_modules or hidden", async () => {
    expect(await directories(["**"], ["a", "a/node_modules/b", ".cache/c"])).toEqual(["a"])
  })

  test("may be missing", async () => {
    expect(await directories(["gone", "gone/*"], [])).toEqual([])
  })

  test("are those of pnpm where package.json names none", async () => {
    const root = await tree({ "pnpm-workspace.yaml": "packages:\n  - libs/*\n", "libs/a/package.json": {} })
    expect(await workspaceDirectories(root, { path: "package.json", fields: {} })).toEqual([join(root, "libs/a")])
  })
})
