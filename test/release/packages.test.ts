import { existsSync, readdirSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "vitest"

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const folders = readdirSync(join(root, "packages")).filter((name) =>
  existsSync(join(root, "packages", name, "package.json")),
)
const HOME = "https://github.com/node-storages/node-storages"

interface Manifest {
  readonly name: string
  readonly version: string
  readonly private?: boolean
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>
  readonly publishConfig: { readonly exports: unknown }
  readonly keywords: readonly string[]
  readonly description: string
  readonly sideEffects: false | readonly string[]
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: unknown
}

function read(...path: readonly string[]): unknown {
  return JSON.parse(readFileSync(join(root, ...path), "utf8"))
}

describe.each(folders)("the package in packages/%s", (folder) => {
  const manifest = read("packages", folder, "package.json") as Manifest

  it("says what registries show and need", () => {
    expect(manifest).toMatchObject({
      name: folder === "cli" ? "node-storages" : `@node-storages/${folder}`,
      type: "module",
      license: "MIT",
      author: "the node-storages authors",
      homepage: `${HOME}/tree/main/packages/${folder}#readme`,
      bugs: `${HOME}/issues`,
      repository: { type: "git", url: `git+${HOME}.git`, directory: `packages/${folder}` },
      engines: { node: ">=22.12" },
      files: ["dist", "!dist/**/*.map", "!dist/**/*.tsbuildinfo"],
      publishConfig: { access: "public", provenance: true },
    })
    expect(manifest.private).toBeUndefined()
    expect(manifest.description).toMatch(/^[A-Z].{30,200}\.$/)
    expect(manifest.keywords).toEqual(manifest.keywords.toSorted())
    expect(manifest.keywords).toContain("storage")
    expect(existsSync(join(root, "packages", folder, "README.md"))).toBe(true)
  })

  it("publishes its entries without the condition of this workspace", () => {
    const published = Object.fromEntries(
      Object.entries(manifest.exports).map(([entry, target]) => {
        if (typeof target === "string") return [entry, target]
        const { "node-storages-source": source, ...conditions } = target
        expect(existsSync(join(root, "packages", folder, source!)), source).toBe(true)
        return [entry, conditions]
      }),
    )
    expect(manifest.publishConfig.exports).toEqual(published)
    expect(manifest.exports["./package.json"]).toBe("./package.json")
  })

  it("takes versions from the workspace and its catalog", () => {
    const { dependencies = {}, devDependencies = {}, peerDependencies } = manifest
    for (const [name, range] of Object.entries({ ...dependencies, ...devDependencies })) {
      expect(range, name).toBe(/^(@node-storages\/|node-storages$)/.test(name) ? "workspace:^" : "catalog:")
    }
    expect(peerDependencies).toBeUndefined()
  })

  it("tells bundlers which files do something when they are imported", () => {
    const registers = readFileSync(join(root, "packages", folder, "src/index.ts"), "utf8").includes("registerScheme(")
    if (registers) expect(manifest.sideEffects).toContain("./dist/index.js")
    for (const file of manifest.sideEffects || []) expect(file).toMatch(/^\.\/dist\/\w+\.js$/)
  })
})

describe("the release", () => {
  it("gives all packages one version", () => {
    const { fixed, access, baseBranch } = read(".changeset", "config.json") as Readonly<Record<string, unknown>>
    expect({ fixed, access, baseBranch }).toEqual({
      fixed: [["node-storages", "@node-storages/*"]],
      access: "public",
      baseBranch: "main",
    })
    const versions = folders.map((folder) => (read("packages", folder, "package.json") as Manifest).version)
    expect(new Set(versions).size).toBe(1)
  })
})
