import { spawnSync } from "node:child_process"
import { existsSync, globSync, mkdirSync, rmdirSync, statSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as wait } from "node:timers/promises"
import { ROOT } from "../docs/markdown.ts"

const BIN = join(ROOT, "packages/cli/dist/bin.js")
const LOCK = join(ROOT, "node_modules/.cache/build-for-tests")
const LONGEST_BUILD = 300_000

/** The built command, as it is published: built first where a source is newer. */
export async function builtCommand(): Promise<string> {
  const until = Date.now() + LONGEST_BUILD
  while (!lock()) {
    if (Date.now() > until) throw new Error(`Another build has not ended: remove ${LOCK}.`)
    await wait(500)
  }
  try {
    if (!isFresh()) build()
    return BIN
  } finally {
    rmdirSync(LOCK)
  }
}

/** One build at a time, whichever test file asks for it; a lock of a killed run is broken. */
function lock(): boolean {
  mkdirSync(join(LOCK, ".."), { recursive: true })
  try {
    mkdirSync(LOCK)
    return true
  } catch {
    const made = statSync(LOCK, { throwIfNoEntry: false })?.mtimeMs
    if (made !== undefined && Date.now() - made > LONGEST_BUILD) rmdirSync(LOCK)
    return false
  }
}

function isFresh(): boolean {
  if (!existsSync(BIN)) return false
  const sources = globSync("packages/*/{src/**/*.ts,package.json}", { cwd: ROOT })
  const newest = Math.max(
    ...sources
      .filter((file) => !/\.test\.ts$|\/testing\//.test(file))
      .map((file) => statSync(join(ROOT, file)).mtimeMs),
  )
  return statSync(BIN).mtimeMs > newest
}

function build(): void {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(ROOT, "scripts/build.mjs")], {
    cwd: ROOT,
    encoding: "utf8",
    env: {
      ...process.env,
      PATH: [join(ROOT, "node_modules/.bin"), process.env["PATH"]].join(process.platform === "win32" ? ";" : ":"),
    },
  })
  if (status !== 0) throw new Error(`The packages can't be built:\n${stdout}${stderr}`)
}
