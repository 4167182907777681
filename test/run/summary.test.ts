import { describe, expect, it } from "vitest"
import { DOCUMENTS, ISOLATED_IN_PACKAGES, SLOW_FILES } from "./projects.ts"
import { summaryOf } from "./summary.ts"
import { existsSync } from "node:fs"
import { join } from "node:path"
import { ROOT } from "../docs/markdown.ts"

const file = (name: string, wall: number, processor: number) => ({ name, files: 1, wall, processor })
const rows = (text: string) => text.split("\n").map((line) => line.trim().split(/\s{2,}/))

describe("what a run tells at its end", () => {
  it("has a row for each part with what its files took together, the largest first, and the sum of all", () => {
    const files = [
      file("test/cli/a.test.ts", 3, 1.5),
      file("test/cli/b/c.test.ts", 1, 1.5),
      file("packages/core/src/a.test.ts", 9, 8),
      file("test/scale.test.ts", 0.2, 0.1),
      file("docs/a.test.ts", 0.1, 0.1),
    ]
    const table = rows(summaryOf(files, { user: 1_500_000, system: 500_000 }))
    expect(table.slice(1, 6)).toEqual([
      ["packages/core", "1", "9.0", "8.0"],
      ["test/cli", "2", "4.0", "3.0"],
      ["all others", "2", "0.3", "0.2"],
      ["Vitest itself", "0", "0.0", "2.0"],
      ["together", "5", "13.3", "13.2"],
    ])
  })

  it("names the ten files that took longest", () => {
    const files = Array.from({ length: 12 }, (_, index) => file(`test/cli/${index}.test.ts`, index, 1))
    const table = rows(summaryOf(files, { user: 0, system: 0 }))
    const from = table.findIndex(([first]) => first?.startsWith("The 10 slowest"))
    expect(table.slice(from + 1).map(([name]) => name)).toEqual(
      [11, 10, 9, 8, 7, 6, 5, 4, 3, 2].map((index) => `test/cli/${index}.test.ts`),
    )
  })
})

it.each([...DOCUMENTS, ...Object.keys(ISOLATED_IN_PACKAGES), ...SLOW_FILES])(
  "%s, which runs its own way, is there",
  (path) => {
    expect(existsSync(join(ROOT, path))).toBe(true)
  },
)
