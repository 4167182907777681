import { spawn, type ChildProcess } from "node:child_process"
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs"
import { rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { findProgram } from "./programs.ts"

/** An exit code, the signal that ended it, or why it could not be started. */
type ExitStatus = number | string

/** A killed process may finish one last system call in the folder, hence the retries. */
const THOROUGHLY = { recursive: true, force: true, maxRetries: 10, retryDelay: 20 }

/**
 * The processes of one test server and the folder they work in. Nothing outlives it: `stop()` and the end of this
 * process both kill every process and remove the folder.
 */
export class ProcessGroup {
  readonly folder: string
  /** Rejects as soon as a daemon ends that was not stopped. Race each step of a start against it. */
  readonly failure: Promise<never>

  #reject!: (reason: Error) => void
  readonly #children = new Map<ChildProcess, Promise<ExitStatus>>()
  readonly #names = new Set<string>()
  #stopped: Promise<void> | undefined
  readonly #onExit = (): void => this.#killAndRemove()

  constructor(prefix: string) {
    this.folder = mkdtempSync(join(tmpdir(), prefix))
    this.failure = new Promise((_, reject) => (this.#reject = reject))
    // A daemon that dies after the start has nobody waiting for it: its clients notice.
    this.failure.catch(() => {})
    process.once("exit", this.#onExit)
  }

  /** Starts a daemon that is to run until `stop()`. */
  start(name: string, command: readonly string[]): void {
    const ended = this.#spawn(name, command)
    void (async () => {
      const status = await ended
      if (!this.#stopped) this.#reject(new Error(this.#describe(name, `ended by itself (${status})`)))
    })()
  }

  /** Runs a command to its end, and returns the last line of its output. Rejects when it, or a daemon, fails. */
  async run(name: string, command: readonly string[]): Promise<string> {
    const status = await Promise.race([this.#spawn(name, command), this.failure])
    if (status !== 0) throw new Error(this.#describe(name, `failed (${status})`))
    return this.#output(name).at(-1) ?? ""
  }

  /** The last lines that each process wrote, under its name. */
  lastLines(): string {
    return [...this.#names]
      .map((name) => ({ name, lines: this.#output(name).slice(-8) }))
      .filter(({ lines }) => lines.length > 0)
      .map(({ name, lines }) => [`--- ${name}`, ...lines].join("\n"))
      .join("\n")
  }

  get stopped(): boolean {
    return this.#stopped !== undefined
  }

  stop(): Promise<void> {
    this.#stopped ??= (async () => {
      // Nothing here is worth keeping, and a daemon asked politely would first write its memory to disk.
      for (const child of this.#children.keys()) child.kill("SIGKILL")
      await Promise.all(this.#children.values())
      // Not synchronously: what this process itself is writing in the folder must be able to end between the retries.
      await rm(this.folder, THOROUGHLY)
      process.off("exit", this.#onExit)
    })()
    return this.#stopped
  }

  #spawn(name: string, command: readonly string[]): Promise<ExitStatus> {
    if (this.#stopped) throw new Error(`${name} was to start after stop()`)
    const [program, ...parameters] = [...dieWithParent(), ...command] as [string, ...string[]]
    this.#names.add(name)
    const output = openSync(this.#outputFile(name), "a")
    const child = spawn(program, parameters, { stdio: ["ignore", output, output] })
    closeSync(output)
    const ended = new Promise<ExitStatus>((resolve) => {
      child.once("error", (error) => resolve(error.message))
      child.once("exit", (code, signal) => resolve(code ?? signal ?? "unknown"))
    }).finally(() => this.#children.delete(child))
    this.#children.set(child, ended)
    return ended
  }

  #killAndRemove(): void {
    for (const child of this.#children.keys()) child.kill("SIGKILL")
    rmSync(this.folder, THOROUGHLY)
  }

  #describe(name: string, what: string): string {
    return `${name} ${what}: ${this.#output(name).at(-1) ?? "no output"}`
  }

  #output(name: string): string[] {
    try {
      return readFileSync(this.#outputFile(name), "utf8").split("\n").filter(Boolean)
    } catch {
      return []
    }
  }

  #outputFile(name: string): string {
    return join(this.folder, `${name}.log`)
  }
}

/** An 'exit' handler does not run when this process is itself killed; Linux can then kill its children. */
function dieWithParent(): string[] {
  const setpriv = process.platform === "linux" ? findProgram("setpriv") : undefined
  return setpriv ? [setpriv, "--pdeathsig", "KILL", "--"] : []
}
