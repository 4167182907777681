import { readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { ROOT } from "./markdown.ts"

const read = (path: string) => readFileSync(join(ROOT, path), "utf8")

describe("docs/performance.md", () => {
  it("names the rows that can be measured, each once, in their order", () => {
    const rows = /const ROWS.*= \{\n([^}]*)\}/.exec(read("test/bench/run.ts"))![1]!
    const known = [...rows.matchAll(/^ {2}(\w+)[:,]/gm)].map(([, name]) => name)
    const documented = [...read("docs/performance.md").matchAll(/^\| `(\w+)` +\| \S/gm)].map(([, name]) => name)
    expect(known).toContain("collect")
    expect(documented).toEqual(known)
  })
})
