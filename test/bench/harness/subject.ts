import { type ChildProcess, fork } from "node:child_process"
import { once } from "node:events"
import { mkdir, rm } from "node:fs/promises"
import { fileURLToPath } from "node:url"
import type { Asked, Round, Told } from "./messages.ts"
import { type Context, NotHere } from "./row.ts"

const SCRIPT = fileURLToPath(new URL("subject-process.ts", import.meta.url))
const NODE_OPTIONS = ["--expose-gc", "--conditions=node-storages-source", "--no-warnings"]

/** A subject in its process, ready to be measured. */
export class RunningSubject {
  readonly name: string
  readonly #folder: string
  readonly #child: ChildProcess

  private constructor(name: string, folder: string, child: ChildProcess) {
    this.name = name
    this.#folder = folder
    this.#child = child
  }

  /** @throws NotHere where it can't run on this machine */
  static async start(row: string, name: string, context: Context): Promise<RunningSubject> {
    await mkdir(context.folder, { recursive: true })
    const child = fork(SCRIPT, [row, name, JSON.stringify(context)], {
      execArgv: [...NODE_OPTIONS, ...(process.env["BENCH_NODE_OPTIONS"]?.split(" ") ?? [])],
      env: { ...process.env, NODE_ENV: "production" },
    })
    const subject = new RunningSubject(name, context.folder, child)
    const told = await subject.#told()
    if ("ready" in told) return subject
    await subject.stop()
    if ("notHere" in told) throw new NotHere(told.notHere)
    throw new Error(`${name} did not start.\n${"failed" in told ? told.failed : ""}`)
  }

  async round(times: number): Promise<Round> {
    this.#child.send({ round: times } satisfies Asked)
    const told = await this.#told()
    if ("round" in told) return told.round
    throw new Error(`${this.name} failed.\n${"failed" in told ? told.failed : ""}`)
  }

  async stop(): Promise<void> {
    if (this.#child.connected) this.#child.send({ close: true } satisfies Asked)
    await this.#end()
  }

  async #end(): Promise<void> {
    const late = setTimeout(() => this.#child.kill("SIGKILL"), 10_000)
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, "exit")
    clearTimeout(late)
    await rm(this.#folder, { recursive: true, force: true })
  }

  #told(): Promise<Told> {
    return new Promise((resolve, reject) => {
      const ended = (code: number | null, signal: string | null) =>
        reject(new Error(`${this.name} ended by itself (${code ?? signal}).`))
      this.#child.once("exit", ended)
      this.#child.once("message", (told: Told) => {
        this.#child.off("exit", ended)
        resolve(told)
      })
    })
  }
}
