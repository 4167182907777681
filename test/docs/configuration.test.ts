import { globSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { type DriverStorage, SCHEME_PACKAGES, storageFromUrl } from "@node-storages/core"
import { describe, expect, it } from "vitest"
import { parseDocument, ROOT } from "./markdown.ts"

const PATH = "docs/configuration.md"
const text = readFileSync(join(ROOT, PATH), "utf8")
const document = parseDocument(PATH, text)

/** The rows of the section's first table, as the texts in backticks of each cell. */
function tableOf(heading: string): string[][][] {
  const section = new RegExp(`^## ${heading}$([^]*?)^## `, "m").exec(text)?.[1] ?? ""
  return section
    .split("\n")
    .filter((line) => line.startsWith("| `"))
    .map((line) =>
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1]!)),
    )
}

/** The parameters that URLs of a scheme know: they are listed where one resembles none of them. */
function parametersOf(url: string): string[] {
  try {
    storageFromUrl(`${url}?${"x".repeat(40)}=1`)
  } catch (error) {
    const list = /The parameters are: (.*)\.$/.exec((error as Error).message)?.[1]
    if (list) return list.split(", ")
  }
  throw new Error(`${url} did not tell its parameters.`)
}

// Every adapter of this repository, so that a new one is noticed.
for (const file of globSync("packages/*/src/index.ts", { cwd: ROOT })) {
  const path = join(ROOT, file)
  if (readFileSync(path, "utf8").includes("registerScheme(")) await import(pathToFileURL(path).href)
}
const registered = (globalThis as unknown as Record<symbol, Map<string, unknown>>)[Symbol.for("node-storages.schemes")]!

describe("the table of URLs", () => {
  const rows = tableOf("From the environment").map(([url, adapter, parameters]) => ({
    url: url![0]!,
    adapter: adapter![0]!,
    parameters: parameters!,
  }))
  const schemeOf = (url: string) => url.slice(0, url.indexOf(":"))

  it("has every scheme that an adapter registers, with the package to import", () => {
    const documented = Object.fromEntries(rows.map(({ url, adapter }) => [schemeOf(url), adapter]))
    expect(documented).toEqual(SCHEME_PACKAGES)
    expect(Object.keys(documented).toSorted()).toEqual([...registered.keys()].toSorted())
  })

  it.each(rows)("has all parameters of $url, each once, and the URL makes a storage", ({ url, parameters }) => {
    expect(parameters.toSorted()).toEqual(parametersOf(url).toSorted())
    const { driver } = storageFromUrl(url) as DriverStorage
    expect(driver.target).toBe(url)
  })

  it("is as the adapters' pages have it", () => {
    for (const { url, adapter, parameters } of rows) {
      const page = readFileSync(join(ROOT, `docs/adapters/${adapter.slice("@node-storages/".length)}.md`), "utf8")
      const line = page.split("\n").find((candidate) => candidate.startsWith(`As a URL: \`${schemeOf(url)}:`)) ?? ""
      expect(parameters.filter((name) => !line.includes(`\`${name}\``) && !line.includes(`${name}=`))).toEqual([])
    }
  })
})

describe("what the page says of errors", () => {
  it("is what happens with its configuration", () => {
    const [shown] = document.blocks
      .filter(({ info }) => info[0] === "text")
      .map(({ code }) => code.join("\n"))
      .filter((output) => output.startsWith("error: "))
    const message = shown?.replace(/^error: [^ ]+ storages\.media: The environment variable MEDIA_STORAGE_URL: /, "")
    expect(() => storageFromUrl("s3://acme-media?regoin=eu-west-1")).toThrow(`storageFromUrl(): ${message}`)
    const { code } = document.blocks.find((block) => block.code[0] === "// storages.config.ts")!
    const [, line, column] = /storages\.config\.ts:(\d+):(\d+)/.exec(shown!)!
    expect(code[Number(line) - 1]!.slice(Number(column) - 1)).toMatch(/^storageFromEnv\("MEDIA_STORAGE_URL"/)
  })
})
