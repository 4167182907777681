import { readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { makeProgram } from "../../packages/cli/src/program.ts"
import { ROOT } from "../docs/markdown.ts"
import { textOfSvg } from "./recording-svg.ts"
import { comparable, runScenario } from "./run-scenario.ts"
import { SCENARIOS } from "./scenarios.ts"

describe("the recordings of the command line", () => {
  it("show every command", () => {
    const commands = makeProgram(() => undefined).commands.map((command) => command.name())
    expect(SCENARIOS.map(({ name }) => name).toSorted()).toEqual(commands.toSorted())
  })

  it.each(SCENARIOS)("show what $name prints today (else: npm run recordings)", async (scenario) => {
    const recorded = textOfSvg(readFileSync(join(ROOT, "docs/recordings", `${scenario.name}.svg`), "utf8"))
    expect(recorded.length).toBeGreaterThan(20)
    const { text } = await runScenario(scenario)
    expect(comparable(recorded)).toBe(comparable(text))
  })
})
