// Makes the recordings of docs/recordings anew: `npm run recordings`, or `-- ls cp` for some.
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { ROOT } from "../docs/markdown.ts"
import { recordingSvg } from "./recording-svg.ts"
import { runScenario } from "./run-scenario.ts"
import { SCENARIOS } from "./scenarios.ts"

const wanted = process.argv.slice(2)
const folder = join(ROOT, "docs/recordings")
mkdirSync(folder, { recursive: true })
for (const scenario of SCENARIOS) {
  if (wanted.length > 0 && !wanted.includes(scenario.name)) continue
  const recording = await runScenario(scenario)
  const svg = recordingSvg(recording, `storages ${scenario.name}`)
  writeFileSync(join(folder, `${scenario.name}.svg`), svg)
  console.log(
    `${scenario.name}: ${recording.frames.length} frames, ${(svg.length / 1000).toFixed(0)} KB\n${recording.text}\n`,
  )
}
