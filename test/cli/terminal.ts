import { spawn } from "@lydell/node-pty"
import headless from "@xterm/headless"
import { onTestFinished } from "vitest"
import { until } from "../servers/until.ts"
import { builtCommand } from "./built.ts"
import { environment, type RunOptions } from "./run-command.ts"

export const CTRL_C = "\u0003"
export const ENTER = "\r"

/** For something to be shown, in milliseconds. */
const LONGEST_WAIT = 30_000

export interface Terminal {
  /** The rows that a person sees, without those that are empty at the end. */
  screen(): string
  /** All that was written, with its control sequences. */
  raw(): string
  /** Types. */
  type(text: string): void
  /** Waits until the screen shows something. @throws Error with the screen, after 30 seconds */
  shows(text: string | RegExp): Promise<void>
  readonly exitCode: Promise<number>
}

/**
 * Runs the built command in a pseudo-terminal.
 * @param size of the terminal. Default: 100 columns, 40 rows
 */
export async function startTerminal(
  args: readonly string[],
  options: Omit<RunOptions, "input">,
  size: { columns?: number; rows?: number } = {},
): Promise<Terminal> {
  return startInTerminal(process.execPath, [await builtCommand(), ...args], options, size)
}

/** Runs any program in a pseudo-terminal: a shell. */
export function startInTerminal(
  program: string,
  args: readonly string[],
  { cwd, env }: Omit<RunOptions, "input">,
  { columns = 100, rows = 40 }: { columns?: number; rows?: number } = {},
): Terminal {
  const terminal = new headless.Terminal({ cols: columns, rows, scrollback: 10_000, allowProposedApi: true })
  const child = spawn(program, [...args], {
    name: "xterm-256color",
    cols: columns,
    rows,
    cwd,
    env: { ...environment(env), TERM: "xterm-256color" },
  })
  let raw = ""
  let ended = false
  child.onData((data) => {
    raw += data
    terminal.write(data)
  })
  const exitCode = new Promise<number>((resolve) => {
    child.onExit((exit) => {
      ended = true
      // What was written before the end is drawn first.
      terminal.write("", () => resolve(exit.exitCode))
    })
  })
  onTestFinished(() => {
    if (!ended) child.kill("SIGKILL")
    terminal.dispose()
  })
  const screen = (): string => {
    const { active } = terminal.buffer
    const lines = Array.from({ length: active.length }, (_, index) => active.getLine(index)!.translateToString(true))
    return lines.join("\n").trimEnd()
  }
  const shows = async (text: string | RegExp): Promise<void> => {
    const latest = Date.now() + LONGEST_WAIT
    const found = () => (typeof text === "string" ? screen().includes(text) : text.test(screen()))
    await until(() => found() || Date.now() > latest)
    if (!found()) throw new Error(`The terminal does not show ${String(text)}:\n${screen()}`)
  }
  return { screen, raw: () => raw, type: (text) => child.write(text), shows, exitCode }
}
