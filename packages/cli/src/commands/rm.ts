import { driverOf, type NamedFailure, StorageError } from "@node-storages/core"
import type { Command } from "commander"
import { CommandError } from "../command-error.ts"
import { EXIT } from "../exit-codes.ts"
import { isLocalPlace, removeEmptyFolders } from "../locations/local-place.ts"
import { Progress } from "../output/progress.ts"
import { bytes, count, printable } from "../output/text.ts"
import type { Session } from "../session.ts"
import { type Bind, define, dryRunOption, yesOption } from "./define.ts"
import { type Doomed, filesOf, findTargets, type Target, titleOf } from "./removing/targets.ts"

interface RmOptions {
  readonly recursive?: boolean
  readonly force?: boolean
  readonly dryRun?: boolean
  readonly yes?: boolean
}

export function rmCommand(bind: Bind): Command {
  return define("rm", "delete files, and directories with -r; asks before it deletes more than one file", [
    "rm media:avatars/old.png",
    "rm -r media:tmp --dry-run",
    "rm -r --yes media:tmp",
  ])
    .argument("<place...>", "files, or directories with -r: media:avatars/old.png, media:tmp/, s3://bucket/tmp/")
    .option("-r, --recursive", "directories with all that is in them; media: is the whole storage")
    .option("-f, --force", "files that are not there are no error")
    .addOption(dryRunOption())
    .addOption(yesOption())
    .action(bind<RmOptions>(remove))
}

async function remove(session: Session, options: RmOptions, texts: string[]): Promise<void> {
  const { recursive = false, dryRun = false, force = false, yes = false } = options
  const { found, missing } = await findTargets(session, texts, { recursive })
  const removal = new Removal(session)
  if (dryRun) await removal.show(found)
  else {
    const isOneFile = texts.length === 1 && !recursive
    if (!yes && !isOneFile) await removal.ask(found)
    await removal.run(found)
  }
  if (found.length > 0 || missing.length === 0 || force) await removal.report(dryRun)
  if (missing.length === 0 || force) return
  const message = missing.length === 1 ? `There is no ${missing[0]}.` : `${missing.length} are not there.`
  throw new CommandError("not-found", message, EXIT.notFound, undefined, missing.length === 1 ? [] : missing)
}

class Removal {
  readonly #session: Session
  readonly #failures: NamedFailure[] = []
  /** What was counted for the question: nothing else is deleted after it. */
  readonly #counted = new Map<Target, readonly Doomed[]>()
  #files = 0
  #bytes = 0

  constructor(session: Session) {
    this.#session = session
  }

  async show(targets: readonly Target[]): Promise<void> {
    const { output, signal } = this.#session
    for (const target of targets) {
      for await (const { name, title, size } of filesOf(target, signal)) {
        this.#count(size)
        await output.result(printable(title), { name, size })
      }
    }
  }

  /** @throws CommandError where the answer is no */
  async ask(targets: readonly Target[]): Promise<void> {
    const progress = new Progress(this.#session.output, "Counting")
    let [files, size] = [0, 0]
    try {
      for (const target of targets) {
        const counted: Doomed[] = []
        for await (const file of filesOf(target, this.#session.signal)) {
          counted.push(file)
          progress.step({ done: ++files, bytes: (size += file.size) })
        }
        this.#counted.set(target, counted)
      }
    } finally {
      progress.end()
    }
    if (files > 0) await this.#session.confirm(questionOf(targets, files, size))
  }

  async run(targets: readonly Target[]): Promise<void> {
    const { signal, output } = this.#session
    const progress = new Progress(output, "Deleting")
    try {
      for (const target of targets) await this.#remove(target, progress)
    } catch (error) {
      if (!signal.aborted) throw error
      const done = `${count(this.#files, "file was", "files were")} deleted or under way when it was stopped.`
      throw new CommandError("aborted", `${done} What is left is as it was.`, EXIT.interrupted)
    } finally {
      progress.end()
    }
  }

  /** @throws StorageError `partial-failure` */
  async report(dryRun: boolean): Promise<void> {
    const failures = this.#failures
    const deleted = this.#files - failures.length
    const [done, failed] = [dryRun ? "Would delete" : "Deleted", failures.length]
    const value = { deleted, ...(failed === 0 && { bytes: this.#bytes }), failed, dryRun }
    const sizes = failed === 0 ? `, ${bytes(this.#bytes)}` : ""
    await this.#session.output.result(`${done} ${count(deleted, "file")}${sizes}.`, value)
    if (failed === 0) return
    throw new StorageError("partial-failure", `${count(failed, "file")} could not be deleted.`, { failures })
  }

  async #remove(target: Target, progress: Progress): Promise<void> {
    const { signal, output } = this.#session
    const { place } = target
    const files = this.#counted.get(target) ?? filesOf(target, signal)
    const names = async function* (this: Removal): AsyncGenerator<string> {
      for await (const { name, title, size } of files) {
        this.#count(size)
        progress.step({ done: this.#files, bytes: this.#bytes, current: title })
        output.detail(printable(title))
        yield name
      }
    }
    try {
      await place.storage.deleteMany(names.call(this), { signal })
    } catch (error) {
      if (signal.aborted || !StorageError.is(error) || error.failures === undefined) throw error
      this.#failures.push(...error.failures.map((failure) => ({ ...failure, name: titleOf(place, failure.name) })))
    }
    if (!isLocalPlace(place) || !place.directory || (await removeEmptyFolders(place.folder))) return
    output.note(`${place.title} stays: it holds what is no file of a storage, or could not be deleted.`)
  }

  #count(size: number): void {
    this.#files++
    this.#bytes += size
  }
}

function questionOf(targets: readonly Target[], files: number, size: number): string {
  const sizes = `${count(files, "file")} (${bytes(size)})`
  const [first] = targets
  if (first === undefined || targets.length > 1) return `Delete ${sizes}?`
  const { title, storage, name, local } = first.place
  if (name !== "" || local) return `Delete ${sizes} in ${title}?`
  const whole = driverOf(storage)?.target ?? title
  return title.includes("://")
    ? `Delete all ${sizes} of ${whole}?`
    : `Delete all ${sizes} of ${title}, which is the whole storage ${whole}?`
}
