import { createRequire } from "node:module"
import { BorrowedProcess } from "./borrowed-process.ts"
import { withFreshModules } from "./fresh-modules.ts"

export interface RunOptions {
  readonly cwd: string
  readonly env?: Readonly<Record<string, string>>
  readonly input?: string | Uint8Array
}

export interface Ended {
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
}

/** What a command sees of the environment: no credentials, nothing of the test run. */
export function environment(env: Readonly<Record<string, string>> = {}): Record<string, string> {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(AWS_|AZURE_|GOOGLE_|NODE_|VITEST|CI$|FORCE_COLOR|NO_COLOR)/.test(name),
  )
  return { ...(Object.fromEntries(kept) as Record<string, string>), ...env }
}

type Program = typeof import("../../packages/cli/src/program.ts")

/**
 * Loaded by Node itself and not by Vite: configurations then share the packages with the command, and errors have the
 * places and words that users see. Both are loaded from the sources, by the conditions that workers have.
 */
const loadProgram = (): Program => createRequire(import.meta.url)("../../packages/cli/src/program.ts") as Program

/** What runs now; a process has one folder and one environment, so that the next command waits. */
let last: Promise<unknown> = Promise.resolve()

/**
 * Runs the command in the test's own process until it ends, in pipes: it is given the folder, the environment, the
 * arguments and the streams, and loads the configuration anew. What concerns signals, terminals, shells and the process
 * as a whole needs a real one: `startCommand`, `runInOwnProcess`.
 */
export function runCommand(args: readonly string[], options: RunOptions): Promise<Ended> {
  const ended = last.then(() => runNow(args, options))
  last = ended.catch(() => undefined)
  return ended
}

async function runNow(args: readonly string[], { cwd, env, input }: RunOptions): Promise<Ended> {
  using borrowed = new BorrowedProcess({ cwd, env: environment(env), args, input })
  const { run } = loadProgram()
  return await borrowed.ended(await withFreshModules(() => run(args)))
}
