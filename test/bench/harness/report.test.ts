import { describe, expect, it } from "vitest"
import type { RowResult } from "./measure.ts"
import { performancePage, plots } from "./pages.ts"
import { shown } from "./ratios.ts"
import type { Results } from "./results.ts"
import { summaryOf } from "./summary.ts"
import { duration, markdownOf } from "./tables.ts"

const cost = (subject: string, cpu: number, size = 10) => ({ subject, size, wall: cpu * 2, cpu, growth: 1024 * 1024 })

const row: RowResult = {
  name: "s3-put",
  title: "Put",
  unit: "object",
  times: 10,
  ratioOf: "cpu",
  base: "SDK",
  measured: [cost("floor", 0.1), cost("SDK", 1), cost("node-storages", 0.5), cost("flydrive", 3), cost("s3mini", 0.4)],
  notHere: { rclone: "not installed" },
  goals: [{ base: "SDK", atMost: 0.6, ratio: 0.5 }],
}
const machine = { date: "2026-01-31", node: "v24.0.0", cores: 2, processor: "Some", memoryGiB: 8, fileSystem: "ext4" }
const results = (...rows: RowResult[]): Results => ({ machine, rows })

describe("the report of the benchmarks", () => {
  it("tells the cost of each subject as a share of the base's, of both runs", () => {
    const again = { ...row, measured: [cost("SDK", 2), cost("node-storages", 1.1)] }
    const lines = markdownOf(row, again).split("\n")
    expect(lines[4]).toMatch(/^\| node-storages +\| +1 ms \| +500 µs \| +0.50 \| +0.55 \| +1.0 MiB \|$/)
    expect(lines).toContain("Goal: at most 0.60 of SDK; measured 0.50.")
    expect(lines).toContain("rclone was not measured: not installed")
  })

  it("says which goal was missed", () => {
    const missed = { ...row, goals: [{ base: "SDK", atMost: 0.4, ratio: 0.5 }] }
    expect(markdownOf(missed)).toContain("measured 0.50: missed.")
  })

  it("names the best and the dearest peer, which no floor is", () => {
    const [, , line] = summaryOf([row], [row]).split("\n")
    expect(line!.split("|").map((cell) => cell.trim())).toEqual([
      "",
      "Put",
      "0.50 / 0.50",
      "0.60",
      "SDK",
      "0.40 s3mini",
      "3.00 flydrive",
      "CPU",
      "",
    ])
  })

  it("puts the summary in its place, again and again", () => {
    const page = "# Performance\n\n<!-- measured -->\n<!-- /measured -->\n\nThe end.\n"
    const once = performancePage(page, results(row), results(row))
    expect(once).toContain("| Put ")
    expect(performancePage(once, results(row), results(row))).toBe(once)
    expect(() => performancePage("nothing", results(row), results(row))).toThrow("has no <!-- measured -->")
  })

  it("draws a straight line for what grows in step with the size", () => {
    const sizes = [1000, 10_000, 100_000]
    const growing = { ...row, measured: sizes.map((size) => cost("node-storages", 1, size)) }
    const drawn = plots(results(row, growing))
    expect([...drawn.keys()]).toEqual(["s3-put.svg"])
    const [, text] = /points="([^"]+)"/.exec(drawn.get("s3-put.svg")!)!
    const [[x1, y1], [x2, y2], [x3, y3]] = text!.split(" ").map((point) => point.split(",").map(Number)) as never as [
      [number, number],
      [number, number],
      [number, number],
    ]
    expect(x3 - x2).toBeCloseTo(x2 - x1, 0)
    expect(y3 - y2).toBeCloseTo(y2 - y1, 0)
    expect(y3).toBeLessThan(y1)
  })

  it("prints numbers with the digits that count", () => {
    expect([0.0417, 0.6, 1, 1.234, 37.6].map(shown)).toEqual(["0.042", "0.60", "1.00", "1.23", "38"])
    expect([0.0179, 2.5, 1234].map(duration)).toEqual(["17.9 µs", "2.5 ms", "1.23 s"])
  })
})
