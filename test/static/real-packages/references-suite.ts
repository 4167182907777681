import { createHash } from "node:crypto"
import { readFile } from "node:fs/promises"
import type { Storage } from "@node-storages/core"
import type { CollectReport, Manifest } from "@node-storages/static"
import { beforeAll, describe, expect, it } from "vitest"
import { namesOf } from "../../names-of.ts"
import { compare, type Unresolved } from "./comparison.ts"
import type { Kind } from "./crawl/index.ts"
import { packageOf, pathOf } from "./packages.ts"

export interface CollectedTree {
  readonly storage: Storage
  readonly manifest: Manifest
  readonly report: CollectReport
}

/** Fewer of a kind, and the crawl has gone blind. */
const AT_LEAST: Readonly<Record<Kind, number>> = {
  "css-import": 1,
  "css-url": 350,
  html: 30,
  integrity: 4,
  "js-dynamic-import": 80,
  "js-import": 11_000,
  "js-url": 15,
  manifest: 2,
  "source-map": 300,
  svg: 2,
}

/**
 * What leads nowhere in the packages as they are published: imports without an ending in Leaflet's sources, an example
 * of a folder that is not published, a chunk that is loaded in Node only, source maps.
 */
const UNRESOLVED: Readonly<Record<string, number>> = {
  "@mathjax/mathjax-newcm-font": 2,
  leaflet: 369,
  mathjax: 1,
  "monaco-editor": 2,
}

const keyOf = ({ file, line, column, reference }: Unresolved) => `${file}:${line}:${column} ${reference}`

/** What the crawl has seen of all files. */
interface Crawl {
  readonly resolved: Map<Kind, number>
  readonly unresolved: Unresolved[]
  readonly faults: string[]
}

async function crawlAll({ storage, manifest }: CollectedTree): Promise<Crawl> {
  const published = new Map(Object.entries(manifest.files).map(([name, entry]) => [name, entry.name]))
  const crawl: Crawl = { resolved: new Map(), unresolved: [], faults: [] }
  for (const [name, { name: hashed, integrity, size }] of Object.entries(manifest.files)) {
    const source = await readFile(pathOf(name))
    const output = Buffer.from(await storage.open(hashed).bytes())
    const { resolved, unresolved, faults } = compare(name, source, output, published)
    for (const [kind, count] of resolved) crawl.resolved.set(kind, (crawl.resolved.get(kind) ?? 0) + count)
    crawl.unresolved.push(...unresolved)
    crawl.faults.push(...faults)
    const digest = createHash("sha256").update(output).digest("base64")
    if (integrity !== `sha256-${digest}`) crawl.faults.push(`${name}: the manifest tells another integrity`)
    if (size !== output.byteLength) crawl.faults.push(`${name}: the manifest tells another size`)
    // A page is asked for under its plain name, and refers to the new files there too.
    const plain = Buffer.from(await storage.open(name).bytes())
    if (!plain.equals(/\.html?$/.test(name) ? output : source)) crawl.faults.push(`${name}: the plain file differs`)
  }
  return crawl
}

/** The references of a collected tree, held against a crawl that shares nothing with the collect. */
export function describeReferences(tree: () => CollectedTree): void {
  describe("its references", () => {
    let crawl: Crawl
    beforeAll(async () => {
      crawl = await crawlAll(tree())
      console.log(`references: ${[...crawl.resolved].map(([kind, count]) => `${kind} ${count}`).join(", ")}`)
    })

    it("lead to the new names of the files that they led to, and nothing else is changed", () => {
      expect(crawl.faults).toEqual([])
      for (const [kind, least] of Object.entries(AT_LEAST) as [Kind, number][]) {
        expect(crawl.resolved.get(kind), kind).toBeGreaterThanOrEqual(least)
      }
    })

    it("are told where they lead nowhere, all of them and no other", () => {
      const { problems } = tree().report
      expect(problems.map(keyOf).toSorted()).toEqual(crawl.unresolved.map(keyOf).toSorted())
      const counts: Record<string, number> = {}
      for (const { file } of crawl.unresolved) counts[packageOf(file)] = (counts[packageOf(file)] ?? 0) + 1
      expect(counts).toEqual(UNRESOLVED)
      const maps = problems.filter(({ warning }) => warning)
      expect(maps.map(({ reference }) => reference)).toEqual([
        "../../min-maps/vs/loader.js.map",
        "../../min-maps/vs/loader.js.map",
      ])
    })

    it("are all that asks for files: nothing is published that is not in the manifest", async () => {
      const names = new Set(["staticfiles.json"])
      for (const [plain, { name }] of Object.entries(tree().manifest.files)) names.add(plain).add(name)
      for await (const name of namesOf(tree().storage)) expect(names.delete(name), name).toBe(true)
      expect([...names]).toEqual([])
    })
  })
}
