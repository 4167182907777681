import { Console } from "node:console"
import { PassThrough, type Readable, Writable } from "node:stream"
import { setImmediate as nextTurn } from "node:timers/promises"
import type { Ended } from "./run-command.ts"

/** What of the process a command is given. */
export interface Surroundings {
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  /** Those behind the command's file. */
  readonly args: readonly string[]
  readonly input?: string | Uint8Array | undefined
}

const SIGNALS = ["SIGINT", "SIGTERM"] as const

/** Adapters register their schemes once, when Node loads them: this is what the commands of this process have loaded. */
const schemesOfCommands = new Map<string, unknown>()

/** A place that commands share and that tests do not share with them: what core has of the whole process. */
const GLOBALS = {
  "node-storages.schemes": schemesOfCommands,
  "node-storages.blocking": undefined,
}

/** The test's own process, lent to one command as if it were the command's. Disposing gives everything back. */
export class BorrowedProcess implements Disposable {
  readonly #stdout = new Collected()
  readonly #stderr = new Collected()
  readonly #giveBack: (() => void)[] = []
  #exitCode: number | undefined

  constructor({ cwd, env, args, input }: Surroundings) {
    try {
      this.#enter(cwd, env)
      this.#set(process, "argv", [process.execPath, "storages", ...args])
      this.#set(process, "exit", (code?: number) => this.#exit(code))
      this.#set(process, "stdin", piped(input))
      this.#set(process, "stdout", this.#stdout)
      this.#set(process, "stderr", this.#stderr)
      // Vitest has put its own in the place of these two.
      this.#set(globalThis, "console", new Console(this.#stdout, this.#stderr))
      this.#set(Error, "prepareStackTrace", undefined)
      for (const [name, value] of Object.entries(GLOBALS)) this.#set(globalThis, Symbol.for(name), value)
      this.#listen()
    } catch (error) {
      this[Symbol.dispose]()
      throw error
    }
  }

  /** What the command has told, once it has ended. */
  async ended(exitCode: number): Promise<Ended> {
    // Node tells a warning a little later.
    await nextTurn()
    return { exitCode: this.#exitCode ?? exitCode, stdout: this.#stdout.text(), stderr: this.#stderr.text() }
  }

  [Symbol.dispose](): void {
    // The last first. Node 22 has no DisposableStack.
    for (let back = this.#giveBack.pop(); back !== undefined; back = this.#giveBack.pop()) back()
  }

  #enter(cwd: string, env: Readonly<Record<string, string>>): void {
    const before = { cwd: process.cwd(), env: { ...process.env }, exitCode: process.exitCode }
    this.#giveBack.push(() => {
      process.exitCode = before.exitCode
      process.chdir(before.cwd)
      setEnvironment(before.env)
    })
    process.chdir(cwd)
    setEnvironment(env)
  }

  #set(object: object, name: string | symbol, value: unknown): void {
    const before = Object.getOwnPropertyDescriptor(object, name)
    this.#giveBack.push(() => {
      if (before === undefined) Reflect.deleteProperty(object, name)
      else Object.defineProperty(object, name, before)
    })
    Object.defineProperty(object, name, { value, writable: true, configurable: true, enumerable: true })
  }

  /** Ends the command and not the tests: it is left where it is, and what it does afterwards does not count. */
  #exit(code: number | undefined): never {
    this.#exitCode ??= code ?? Number(process.exitCode ?? 0)
    for (const stream of [this.#stdout, this.#stderr]) stream.close()
    throw new Error(`process.exit(${this.#exitCode})`)
  }

  /** The command leaves its listeners to the end of the process; warnings are told where it tells its own. */
  #listen(): void {
    const before = new Map(SIGNALS.map((name) => [name, new Set(process.listeners(name))]))
    const warned = (warning: Error) => this.#stderr.write(`(node) ${warning.name}: ${warning.message}\n`)
    process.on("warning", warned)
    this.#giveBack.push(() => {
      process.off("warning", warned)
      for (const name of SIGNALS) {
        for (const listener of process.listeners(name))
          if (!before.get(name)!.has(listener)) process.off(name, listener)
      }
    })
  }
}

/** The real one is changed, and not replaced: Node's `loadEnvFile` writes into it. */
function setEnvironment(env: Readonly<Record<string, string | undefined>>): void {
  for (const name of Object.keys(process.env)) if (!(name in env)) delete process.env[name]
  for (const [name, value] of Object.entries(env)) if (process.env[name] !== value) process.env[name] = value
}

/** Standard input that is no terminal, and ends. */
function piped(input: string | Uint8Array = ""): Readable {
  const stream = new PassThrough()
  stream.end(input)
  return stream
}

/** Standard output that is no terminal, kept byte for byte. */
class Collected extends Writable {
  readonly #chunks: Buffer[] = []
  #closed = false

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    if (!this.#closed) this.#chunks.push(chunk)
    done()
  }

  /** What comes after the end of a process is lost. */
  close(): void {
    this.#closed = true
  }

  text(): string {
    return Buffer.concat(this.#chunks).toString()
  }
}
