import { type ChildProcess, spawn } from "node:child_process"
import { onTestFinished } from "vitest"
import { builtCommand } from "./built.ts"

export interface RunOptions {
  readonly cwd: string
  readonly env?: Readonly<Record<string, string>>
  readonly input?: string | Uint8Array
  /** Leaves standard input open, for the test to write to. Default: it ends after `input`. */
  readonly keepOpen?: boolean
}

export interface Ended {
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A command that runs, its streams being pipes. */
export interface Running {
  readonly process: ChildProcess
  /** What it has written so far. */
  written(): { readonly stdout: string; readonly stderr: string }
  readonly ended: Promise<Ended>
}

/** What a command sees of the environment: no credentials, nothing of the test run. */
export function environment(env: Readonly<Record<string, string>> = {}): Record<string, string> {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(AWS_|AZURE_|GOOGLE_|NODE_|VITEST|CI$|FORCE_COLOR|NO_COLOR)/.test(name),
  )
  return { ...(Object.fromEntries(kept) as Record<string, string>), ...env }
}

/** Starts the built command in pipes. */
export async function startCommand(
  args: readonly string[],
  { cwd, env, input, keepOpen }: RunOptions,
): Promise<Running> {
  const child = spawn(process.execPath, [await builtCommand(), ...args], { cwd, env: environment(env) })
  onTestFinished(() => void child.kill("SIGKILL"))
  const out: Buffer[] = []
  const err: Buffer[] = []
  child.stdout.on("data", (chunk: Buffer) => out.push(chunk))
  child.stderr.on("data", (chunk: Buffer) => err.push(chunk))
  child.stdin.on("error", () => undefined)
  if (!keepOpen) child.stdin.end(input)
  const written = () => ({ stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() })
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on("error", reject)
    child.on("close", (exitCode) => resolve({ exitCode, ...written() }))
  })
  return { process: child, written, ended }
}

/** Runs the built command in pipes until it ends. */
export async function runCommand(args: readonly string[], options: RunOptions): Promise<Ended> {
  return await (
    await startCommand(args, options)
  ).ended
}
