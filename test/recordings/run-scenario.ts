import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { builtCommand } from "../cli/built.ts"
import { ROOT } from "../docs/markdown.ts"
import { record, type Recording } from "./recorder.ts"
import { APP, type Scenario } from "./scenarios.ts"

const COLUMNS = 114
/** When the app's files were written. */
const WRITTEN = new Date("2026-11-02T09:30:00Z")

/** Runs a scenario in an app of its own, outside of the workspace. */
export async function runScenario({ lines, columns = COLUMNS, without = [] }: Scenario): Promise<Recording> {
  const command = await builtCommand()
  const folder = mkdtempSync(join(tmpdir(), "node-storages-recording-"))
  const cwd = join(folder, "acme")
  try {
    for (const [path, content] of Object.entries(APP)) {
      if (without.includes(path)) continue
      mkdirSync(dirname(join(cwd, path)), { recursive: true })
      writeFileSync(join(cwd, path), content)
      utimesSync(join(cwd, path), WRITTEN, WRITTEN)
    }
    symlinkSync(join(ROOT, "test/node_modules"), join(cwd, "node_modules"), "junction")
    return await record(lines, { command, cwd, columns, shownAs: "/srv/acme" })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The text of a recording without what differs from run to run: times, durations, entity tags, random names, ports. */
export function comparable(text: string): string {
  return text
    .replace(/\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ/g, "DATE")
    .replace(/ +\d+(?:\.\d+)? ?(?:ms|s)\b/g, " TIME")
    .replace(/"[\da-f]+-[\da-f]+-[\da-f]+"/g, "ETAG")
    .replace(/(?<=storages-check-)\w+/g, "RANDOM")
    .replace(/(?<=:)\d{4,5}\b/g, "PORT")
}
