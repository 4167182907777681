/**
 * How the global set-up tells tests what is ready, while it goes on: a file for each message, in a folder that the
 * processes of tests know by an environment variable. Vitest's own `provide` ends before the first test begins.
 */
import { existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { readFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as delay } from "node:timers/promises"

const VARIABLE = "NODE_STORAGES_TEST_RUN"
/** How often a test looks whether it was told, in milliseconds. */
const LOOK_AGAIN = 50

/** `installed`: nothing more is being installed. `servers`: which servers run, as JSON. */
export type Message = "installed" | "servers"

/** Makes the folder of a run. @returns what removes it */
export function openRunFolder(): () => void {
  const folder = mkdtempSync(join(tmpdir(), "node-storages-run-"))
  process.env[VARIABLE] = folder
  return () => rmSync(folder, { recursive: true, force: true })
}

/** For the global set-up. Nobody ever reads a half of it. */
export function tell(message: Message, text: string): void {
  const file = join(process.env[VARIABLE]!, message)
  writeFileSync(`${file}.new`, text)
  renameSync(`${file}.new`, file)
}

/** What the global set-up tells, however long that takes; undefined outside of a run that has one. */
export async function told(message: Message): Promise<string | undefined> {
  const folder = process.env[VARIABLE]
  if (folder === undefined) return undefined
  while (!existsSync(join(folder, message))) await delay(LOOK_AGAIN)
  return await readFile(join(folder, message), "utf8")
}
