import { spawn } from "@lydell/node-pty"
import headless from "@xterm/headless"
import { onTestFinished } from "vitest"
import { builtCommand } from "./built.ts"
import { environment, type RunOptions } from "./run-command.ts"

export const CTRL_C = "\u0003"
export const ENTER = "\r"

/** Where a program draws its last line again. */
const REDRAW = "\r\u001b[K"

export interface Terminal {
  /** The rows that a person sees, without those that are empty at the end. */
  screen(): string
  /** All that was written, with its control sequences. */
  raw(): string
  /** Types. */
  type(text: string): void
  /** Waits until the screen shows something, be it for a moment. @throws Error with the screen, where the program ends */
  shows(text: string | RegExp): Promise<void>
  readonly exitCode: Promise<number>
}

/**
 * Runs the built command in a pseudo-terminal, in a process of its own: questions, bars, colours and keys are there only.
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
  const watchers = new Set<() => void>()
  const look = (): void => watchers.forEach((watcher) => watcher())
  child.onData((data) => {
    raw += data
    // On a busy machine much comes at once: what is shown in between is looked at, too.
    data.split(REDRAW).forEach((piece, index) => terminal.write(index === 0 ? piece : REDRAW + piece, look))
  })
  const exitCode = new Promise<number>((resolve) => {
    child.onExit((exit) => {
      // What was written before the end is drawn first.
      terminal.write("", () => {
        ended = true
        look()
        resolve(exit.exitCode)
      })
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
  const shows = (text: string | RegExp): Promise<void> =>
    new Promise((resolve, reject) => {
      const watcher = (): void => {
        const found = typeof text === "string" ? screen().includes(text) : text.test(screen())
        if (!found && !ended) return
        watchers.delete(watcher)
        if (found) resolve()
        else reject(new Error(`The terminal does not show ${String(text)}:\n${screen()}`))
      }
      watchers.add(watcher)
      watcher()
    })
  return { screen, raw: () => raw, type: (text) => child.write(text), shows, exitCode }
}
