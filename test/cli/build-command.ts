import { execFile } from "node:child_process"
import { existsSync, globSync, linkSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { delimiter, dirname, join } from "node:path"
import { setTimeout as wait } from "node:timers/promises"
import { promisify } from "node:util"
import { ROOT } from "../docs/markdown.ts"

const BIN = join(ROOT, "packages/cli/dist/bin.js")
/** Has the id of the process that builds. */
const LOCK = join(ROOT, "node_modules/.cache/build-for-tests.lock")
/** How often it is looked whether another build has ended, in milliseconds. */
const LOOK_AGAIN = 100

/**
 * The file of the built command, as it is published: built first where a source is newer. One build at a time, whichever
 * run asks for it.
 */
export async function buildCommand(): Promise<string> {
  while (!lock()) await wait(LOOK_AGAIN)
  try {
    if (!isFresh()) await build()
    return BIN
  } finally {
    rmSync(LOCK, { force: true })
  }
}

/** The file is linked to its name with the id in it: nobody ever reads one that is empty. */
function lock(): boolean {
  const own = `${LOCK}.${process.pid}`
  mkdirSync(dirname(LOCK), { recursive: true })
  writeFileSync(own, String(process.pid))
  try {
    linkSync(own, LOCK)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error
    if (!isHeld()) rmSync(LOCK, { force: true })
    return false
  } finally {
    rmSync(own, { force: true })
  }
}

/** A run that was killed holds nothing any more. */
function isHeld(): boolean {
  try {
    process.kill(Number(readFileSync(LOCK, "utf8")), 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM"
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

async function build(): Promise<void> {
  const PATH = [join(ROOT, "node_modules/.bin"), process.env["PATH"]].join(delimiter)
  try {
    await promisify(execFile)(process.execPath, [join(ROOT, "scripts/build.mjs")], {
      cwd: ROOT,
      env: { ...process.env, PATH },
      maxBuffer: Infinity,
    })
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string }
    throw new Error(`The packages can't be built:\n${stdout ?? ""}${stderr ?? ""}`, { cause: error })
  }
}
