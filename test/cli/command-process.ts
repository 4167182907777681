import { type ChildProcess, spawn } from "node:child_process"
import { onTestFinished } from "vitest"
import { builtCommand } from "./built.ts"
import { type Ended, environment, type RunOptions } from "./run-command.ts"

export interface StartOptions extends RunOptions {
  /** Leaves standard input open, for the test to write to. Default: it ends after `input`. */
  readonly keepOpen?: boolean
}

interface Written {
  readonly stdout: string
  readonly stderr: string
}

/** A command that runs, its streams being pipes. */
export interface Running {
  readonly process: ChildProcess
  /** What it has written so far. */
  written(): Written
  /** Waits until it has written something. @throws Error with all that it has written, where it ends before */
  writes(something: (written: Written) => boolean): Promise<void>
  readonly ended: Promise<Ended>
}

/** Starts the built command in pipes, in a process of its own: for signals, pipes, memory, servers. */
export async function startCommand(
  args: readonly string[],
  { cwd, env, input, keepOpen }: StartOptions,
): Promise<Running> {
  const child = spawn(process.execPath, [await builtCommand(), ...args], { cwd, env: environment(env) })
  onTestFinished(() => void child.kill("SIGKILL"))
  const chunks = { stdout: [] as Buffer[], stderr: [] as Buffer[] }
  child.stdout.on("data", (chunk: Buffer) => chunks.stdout.push(chunk))
  child.stderr.on("data", (chunk: Buffer) => chunks.stderr.push(chunk))
  child.stdin.on("error", () => undefined)
  if (!keepOpen) child.stdin.end(input)
  const written = () => ({
    stdout: Buffer.concat(chunks.stdout).toString(),
    stderr: Buffer.concat(chunks.stderr).toString(),
  })
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on("error", reject)
    child.on("close", (exitCode) => resolve({ exitCode, ...written() }))
  })
  const writes = (something: (written: Written) => boolean): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (something(written())) resolve()
      }
      for (const stream of [child.stdout, child.stderr]) stream.on("data", look)
      child.on("close", () => reject(new Error(`It has ended with ${JSON.stringify(written())}`)))
      look()
    })
  return { process: child, written, writes, ended }
}

/** Runs the built command in pipes until it ends, in a process of its own: for what Node does once in a process. */
export async function runInOwnProcess(args: readonly string[], options: RunOptions): Promise<Ended> {
  const running = await startCommand(args, options)
  return await running.ended
}
