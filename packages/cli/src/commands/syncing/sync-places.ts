import { type Storage, StorageError, transfer, type TransferProgress, type TransferReport } from "@node-storages/core"
import { CommandError } from "../../command-error.ts"
import { EXIT } from "../../exit-codes.ts"
import type { Place } from "../../locations/place.ts"
import { Progress } from "../../output/progress.ts"
import { bytes, count, printable } from "../../output/text.ts"
import type { Session } from "../../session.ts"
import { countBytes } from "./count-bytes.ts"
import { sourceOf, targetOf } from "./directory.ts"

export interface SyncOptions {
  readonly delete?: boolean
  readonly compare: "content" | "size" | "modified"
  readonly dryRun?: boolean
  readonly yes?: boolean
  readonly concurrency?: number
}

/** Transfers from one place to another, asks before it deletes, and tells what was done. */
export async function syncPlaces(session: Session, options: SyncOptions, from: string, to: string): Promise<void> {
  const target = await session.place(to, "local", "directory")
  const ends = { from: sourceOf(await session.place(from, "local", "directory")), to: targetOf(target) }
  const { delete: deletes = false, dryRun = false, yes = false } = options
  if (deletes && !dryRun && !yes) await askToDelete(session, ends, target)
  await new Sync(session, options).run(ends.from, ends.to)
}

/** Walks through both listings, and reads no file. */
async function askToDelete(
  session: Session,
  { from, to }: { from: Storage; to: Storage },
  target: Place,
): Promise<void> {
  const { signal, output } = session
  output.status("Looking for what is to be deleted")
  const { deleted, skipped } = await transfer(from, to, { compare: () => true, delete: true, dryRun: true, signal })
  output.status("")
  if (deleted.length === 0) return
  const rest = skipped === 0 ? "; nothing of it is in the source" : ""
  await session.confirm(
    `Delete ${count(deleted.length, "file")} of ${target.title} that the source does not have${rest}?`,
  )
}

class Sync {
  readonly #session: Session
  readonly #options: SyncOptions
  readonly #progress: Progress
  #last: TransferProgress = { name: "", action: "skipped", copied: 0, skipped: 0, deleted: 0, failed: 0, bytes: 0 }
  /** Bytes of files under way. */
  #underWay = 0

  constructor(session: Session, options: SyncOptions) {
    this.#session = session
    this.#options = options
    this.#progress = new Progress(session.output, options.dryRun ? "Comparing" : "Copying")
  }

  async run(from: Storage, to: Storage): Promise<void> {
    const { delete: deletes = false, compare, dryRun = false, concurrency } = this.#options
    const { signal } = this.#session
    const counting = to.with(
      countBytes((change) => {
        this.#underWay += change
        this.#step()
      }),
    )
    const onProgress = (progress: TransferProgress): void => this.#tell(progress)
    try {
      const options = { delete: deletes, compare, dryRun, concurrency, signal, onProgress }
      const report = await transfer(from, counting, options)
      this.#progress.end()
      await this.#report(report, dryRun)
    } catch (error) {
      if (signal.aborted) throw this.#stopped()
      throw error
    } finally {
      this.#progress.end()
    }
  }

  #tell(progress: TransferProgress): void {
    this.#last = progress
    const { output } = this.#session
    const { name, action } = progress
    if (!this.#options.dryRun) output.detail(`${action}: ${printable(name)}`)
    else if (action === "copied" || action === "deleted") {
      const what = action === "copied" ? "copy" : "delete"
      // Written in the order of these calls; what the reader of a pipe has not taken yet is short.
      void output.result(`${what}  ${printable(name)}`, { action: what, name })
    }
    this.#step()
  }

  #step(): void {
    const { copied, skipped, bytes: finished, name } = this.#last
    this.#progress.step({ done: copied + skipped, bytes: finished + this.#underWay, current: name })
  }

  /** @throws StorageError `partial-failure` with what failed */
  async #report({ copied, skipped, deleted, bytes: size, failures }: TransferReport, dryRun: boolean): Promise<void> {
    const parts = [
      `${dryRun ? "Would copy" : "Copied"} ${count(copied, "file")} (${bytes(size)})`,
      `${count(skipped, "was", "were")} the same`,
      ...(this.#options.delete ? [`${dryRun ? "would delete" : "deleted"} ${count(deleted.length, "file")}`] : []),
      ...(failures.length > 0 ? [`${failures.length} failed`] : []),
    ]
    const value = { copied, skipped, deleted: deleted.length, failed: failures.length, bytes: size, dryRun }
    await this.#session.output.result(`${parts.join(", ")}.`, value)
    if (failures.length === 0) return
    const kept = this.#options.delete ? " Nothing was deleted." : ""
    const message = `${count(failures.length, "file")} could not be copied.${kept} The same command again goes on with them.`
    throw new StorageError("partial-failure", message, { failures })
  }

  #stopped(): CommandError {
    const { copied, skipped, deleted, bytes: size } = this.#last
    const done = `Copied ${count(copied, "file")} (${bytes(size)}) before it was stopped; ${count(skipped, "was", "were")} the same`
    const gone = deleted === 0 ? "" : `, and ${count(deleted, "was", "were")} deleted`
    const message = `${done}${gone}. Nothing is half-written. The same command again goes on with what remains.`
    return new CommandError("aborted", message, EXIT.interrupted)
  }
}
