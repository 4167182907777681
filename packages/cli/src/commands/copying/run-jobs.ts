import { type NamedFailure, StorageError } from "@node-storages/core"
import { pool } from "@node-storages/core/adapter"
import { CommandError } from "../../command-error.ts"
import { EXIT } from "../../exit-codes.ts"
import { Progress } from "../../output/progress.ts"
import { bytes, count, printable } from "../../output/text.ts"
import type { Session } from "../../session.ts"
import type { End, Job } from "./jobs.ts"

/** How a command speaks of what it does. */
interface Words {
  /** `"Copying"` */
  readonly doing: string
  /** `"Copied"` */
  readonly done: string
  /** `"copy"` */
  readonly verb: string
  /** What to do after Ctrl-C. */
  readonly again: string
}

export interface Run {
  readonly words: Words
  readonly concurrency: number
  readonly dryRun: boolean
  /** Fails with `already-exists` in a dry run, too. */
  readonly ifAbsent: boolean
  readonly total: { readonly files: number; readonly bytes: number } | undefined
  /** Does it for one file, and tells of the bytes as they go. */
  readonly work: (job: Job, onBytes: (loaded: number) => void) => Promise<void>
}

/** Copies or moves files, some at once. One that fails does not stop the others. */
export class JobRun {
  readonly #session: Session
  readonly #run: Run
  readonly #progress: Progress
  readonly #failures: NamedFailure[] = []
  /** Bytes of files under way. */
  readonly #partly = new Map<Job, number>()
  #files = 0
  #bytes = 0

  constructor(session: Session, run: Run) {
    this.#session = session
    this.#run = run
    this.#progress = new Progress(session.output, run.dryRun ? "Looking" : run.words.doing)
  }

  /** @throws the error of the only file; StorageError `partial-failure` or `already-exists` with those that failed */
  async all(jobs: AsyncIterable<Job>): Promise<void> {
    const { signal } = this.#session
    try {
      await pool(jobs, this.#run.concurrency, (job) => this.#one(job))
    } catch (error) {
      if (signal.aborted) throw this.#stopped()
      throw error
    } finally {
      this.#progress.end()
    }
    await this.#report()
  }

  async #one(job: Job): Promise<void> {
    const run = this.#run
    const { output, signal } = this.#session
    signal.throwIfAborted()
    try {
      if (run.dryRun) await this.#look(job)
      else await run.work(job, (loaded) => this.#step(job, loaded))
    } catch (error) {
      if (signal.aborted) throw error
      this.#failures.push(failureOf(job, error, run))
      return
    } finally {
      this.#partly.delete(job)
    }
    this.#files++
    this.#bytes += job.size
    if (!run.dryRun) output.detail(printable(`${job.from.title} -> ${job.to.title}, ${bytes(job.size)}`))
    this.#step(job, 0)
  }

  async #look({ from, to, size }: Job): Promise<void> {
    const { output, signal } = this.#session
    if (this.#run.ifAbsent && (await to.storage.exists(to.name, { signal }))) throw takenError(to)
    await output.result(printable(`${from.title} -> ${to.title}`), { from: from.title, to: to.title, size })
  }

  #step(job: Job, loaded: number): void {
    if (loaded > 0) this.#partly.set(job, loaded)
    const underWay = [...this.#partly.values()].reduce((sum, part) => sum + part, 0)
    const { total } = this.#run
    this.#progress.step({
      done: this.#files,
      total: total?.files,
      bytes: this.#bytes + underWay,
      totalBytes: total?.bytes,
      current: job.from.title,
    })
  }

  async #report(): Promise<void> {
    const { words, dryRun } = this.#run
    const failures = this.#failures
    const [first] = failures
    if (first !== undefined && this.#files === 0 && failures.length === 1) throw first.error
    await this.#session.output.result(
      `${dryRun ? `Would ${words.verb}` : words.done} ${count(this.#files, "file")}, ${bytes(this.#bytes)}.`,
      { [words.done.toLowerCase()]: this.#files, bytes: this.#bytes, failed: failures.length, dryRun },
    )
    if (first === undefined) return
    if (failures.every(({ error }) => error.code === "already-exists")) {
      const were = `${count(failures.length, "file was", "files were")} there already, and not replaced:`
      throw new CommandError(
        "already-exists",
        were,
        EXIT.failed,
        undefined,
        failures.map(({ name }) => name),
      )
    }
    const not = `${count(failures.length, "file")} could not be ${words.done.toLowerCase()}.`
    throw new StorageError("partial-failure", not, { failures })
  }

  /** What Ctrl-C has left. */
  #stopped(): CommandError {
    const { words } = this.#run
    const done = `${words.done} ${count(this.#files, "file")}, ${bytes(this.#bytes)}, before it was stopped.`
    const message = `${done} Nothing is half-written. ${words.again}`
    return new CommandError("aborted", message, EXIT.interrupted)
  }
}

/** What was there already is told by its name at the target. */
function failureOf({ from, to }: Job, error: unknown, { ifAbsent, words }: Run): NamedFailure {
  if (ifAbsent && StorageError.is(error, "already-exists")) return { name: to.title, error: takenError(to) }
  if (StorageError.is(error)) return { name: from.title, error }
  const message = error instanceof Error ? error.message : String(error)
  return { name: from.title, error: new StorageError("unknown", message, { operation: words.verb, cause: error }) }
}

function takenError({ name, title }: End): StorageError {
  return new StorageError("already-exists", `${title} is there already, and was not replaced.`, { key: name })
}
