import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { measurementsPage, performancePage, plots } from "../bench/harness/pages.ts"
import { readResults } from "../bench/harness/results.ts"
import { OTHERS, ROWS } from "../bench/rows.ts"
import { ROOT } from "./markdown.ts"

const read = (path: string) => readFileSync(join(ROOT, "docs", path), "utf8")
const [first, second] = ["first", "second"].map((run) => readResults(join(ROOT, `docs/measurements/${run}.json`))) as [
  ReturnType<typeof readResults>,
  ReturnType<typeof readResults>,
]

describe("the pages of the measurements", () => {
  it("show both runs as `npm run bench:report` writes them", () => {
    expect(read("measurements.md")).toBe(measurementsPage(first, second))
    expect(read("performance.md")).toBe(performancePage(read("performance.md"), first, second))
    for (const [file, svg] of plots(first)) expect(read(`measurements/${file}`)).toBe(svg)
  })

  it("have rows of the benchmarks, in their order, the second run among those of the first", () => {
    const known = Object.keys(ROWS)
    const names = first.rows.map(({ name }) => name)
    expect(names.length).toBeGreaterThan(30)
    expect(names).toEqual(known.filter((name) => names.includes(name)))
    const again = second.rows.map(({ name }) => name)
    expect(again.length).toBeGreaterThan(10)
    expect(again).toEqual(names.filter((name) => again.includes(name)))
  })

  it("have a plot for each row that is measured at several sizes", async () => {
    const growing: string[] = []
    for (const { name } of first.rows) if ((await ROWS[name]!()).sizes) growing.push(`${name}.svg`)
    expect([...plots(first).keys()]).toEqual(growing)
    for (const file of growing) expect(existsSync(join(ROOT, "docs/measurements", file))).toBe(true)
  })

  it("name the measurements of another form", () => {
    for (const name of Object.keys(OTHERS)) expect(read("performance.md")).toContain(`\`${name}\``)
  })
})
