import { execFile, spawnSync } from "node:child_process"
import { promisify } from "node:util"
import { type Cost, NotHere } from "./row.ts"

const run = promisify(execFile)

/** What it printed, too. */
export interface Ran extends Cost {
  readonly output: string
}

/** Runs a program to its end, and tells what it and those that it started have cost. @throws where it fails */
export async function runProgram(
  [command, ...given]: readonly string[],
  { environment = {}, folder }: { environment?: Readonly<Record<string, string>>; folder?: string } = {},
): Promise<Ran> {
  const start = performance.now()
  // `times` of a shell tells the processor time of what it has waited for.
  const script = '"$@" || exit 1; times'
  const { stdout } = await run("sh", ["-c", script, "sh", command!, ...given], {
    cwd: folder,
    env: { ...process.env, ...environment },
    maxBuffer: 64 * 1024 * 1024,
  })
  const wall = performance.now() - start
  return { wall, cpu: cpuIn(stdout), output: stdout }
}

/** @throws NotHere where the program, called like this, can't run here */
export function needsProgram(command: readonly string[], what: string): void {
  const { status } = spawnSync(command[0]!, command.slice(1), { stdio: "ignore" })
  if (status !== 0) throw new NotHere(`${what} is not installed`)
}

/** The second line of `times`, `0m1.25s 0m0.50s`: user and system time of the shell's children, in milliseconds. */
function cpuIn(output: string): number {
  const pairs = [...output.matchAll(/^(\d+)m([\d.]+)s (\d+)m([\d.]+)s$/gm)]
  const last = pairs.at(-1)
  if (!last) throw new Error(`The shell told no times: ${output.slice(-200)}`)
  const [minutes, seconds, systemMinutes, systemSeconds] = last.slice(1).map(Number) as [number, number, number, number]
  return ((minutes + systemMinutes) * 60 + seconds + systemSeconds) * 1000
}
