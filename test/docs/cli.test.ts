import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { EXIT } from "../../packages/cli/src/exit-codes.ts"
import { makeProgram } from "../../packages/cli/src/program.ts"
import { ROOT } from "./markdown.ts"

const text = readFileSync(join(ROOT, "docs/cli.md"), "utf8")
const program = makeProgram(() => undefined)
type Command = typeof program

/** The flags that stand in the first column of the tables below a heading, up to the next one. */
function flagsBelow(heading: string): string[] {
  const start = text.indexOf(`\n${heading}\n`)
  expect(start, `docs/cli.md has no ${heading}`).toBeGreaterThan(-1)
  const section = text.slice(start + heading.length + 2).split(/\n#{2,3} /)[0]!
  const cells = [...section.matchAll(/^\| ([^|]*) \|/gm)].map((match) => match[1]!)
  return cells.flatMap((cell) => [...cell.matchAll(/--[a-z][\w-]*/g)].map(([flag]) => flag)).toSorted()
}

function flagsOf(command: Command): string[] {
  return command.options.map(({ long }) => long!).toSorted()
}

describe("docs/cli.md", () => {
  it("has the options of all commands, and no others", () => {
    expect(flagsBelow("## Options of all commands")).toEqual([...flagsOf(program), "--help"].toSorted())
  })

  it("has a section for each command, in the order of --help", () => {
    const sections = [...text.matchAll(/^### `(\w+)`$/gm)].map((match) => match[1])
    expect(sections).toEqual(program.commands.map((command) => command.name()))
  })

  it.each(program.commands.map((command) => [command.name(), command] as const))(
    "has the options of %s and its recording",
    (name, command) => {
      expect(flagsBelow(`### \`${name}\``)).toEqual(flagsOf(command))
      const recording = `recordings/${name}.svg`
      expect(text).toContain(`](${recording})`)
      expect(existsSync(join(ROOT, "docs", recording))).toBe(true)
    },
  )

  it("has the exit codes", () => {
    const codes = [...text.matchAll(/^\| +(\d+) \|/gm)].map((match) => Number(match[1]))
    expect(codes).toEqual(Object.values(EXIT))
  })
})
