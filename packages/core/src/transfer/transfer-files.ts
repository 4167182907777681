import { messageOf } from "../body.ts"
import { abortError, throwIfAborted } from "../call.ts"
import { type NamedFailure, StorageError } from "../errors.ts"
import type { FileInfo } from "../file-info.ts"
import { pool } from "../pool.ts"
import type { Storage } from "../storage.ts"
import { WorkLimit } from "../work-limit.ts"
import { checkEnds, describe } from "./check-ends.ts"
import { CopyBetween } from "./copy-between.ts"
import { type FilePair, inOrder, pairFiles } from "./pair-files.ts"
import { sameContent } from "./same-content.ts"
import {
  LARGE_FILE,
  type TransferOptions,
  type TransferProgress,
  type TransferReport,
  type TransferSettings,
  transferSettings,
} from "./transfer-options.ts"

/** How many files are deleted by one call, after which each is reported. */
const DELETED_AT_ONCE = 1000

/** What `transfer` does, which is loaded when it is called. */
export async function transferFiles(from: Storage, to: Storage, options: TransferOptions): Promise<TransferReport> {
  const settings = transferSettings(options)
  checkEnds(from, to, settings.directory, settings.deletes)
  return new Transfer(from, to, settings).run()
}

class Transfer {
  readonly #from: Storage
  readonly #to: Storage
  readonly #settings: TransferSettings
  readonly #stop: AbortController = new AbortController()
  /** Aborts with the caller's, and when a callback throws. */
  readonly #signal: AbortSignal
  readonly #copies: CopyBetween
  readonly #failures: NamedFailure[] = []
  /** Names at the target that the source does not have, where those are to be deleted. */
  readonly #extraneous: string[] = []
  readonly #deleted: string[] = []
  #copied = 0
  #skipped = 0
  #bytes = 0

  constructor(from: Storage, to: Storage, settings: TransferSettings) {
    this.#from = from
    this.#to = to
    this.#settings = settings
    const { signal } = settings
    this.#signal = signal ? AbortSignal.any([signal, this.#stop.signal]) : this.#stop.signal
    this.#copies = new CopyBetween(from, to, this.#signal)
  }

  async run(): Promise<TransferReport> {
    try {
      throwIfAborted(this.#signal, "transfer")
      await pool(this.#admitted(), this.#settings.concurrency, ({ pair, leave }) => this.#take(pair).finally(leave))
      if (this.#failures.length === 0) await this.#deleteExtraneous()
    } catch (error) {
      if (this.#signal.aborted) throw this.#aborted()
      throw storageError(error)
    }
    const [copied, skipped, bytes] = [this.#copied, this.#skipped, this.#bytes]
    return { copied, skipped, bytes, deleted: this.#deleted, failures: this.#failures }
  }

  /** Each pair as soon as there is room for it: a large file is waited with, and nothing passes it. */
  async *#admitted(): AsyncGenerator<{ readonly pair: FilePair; readonly leave: () => void }> {
    const room = new WorkLimit(Infinity, this.#settings.bytesAtOnce, "transfer")
    // Without the signal: what is under way ends with it, and is to be waited for.
    for await (const pair of this.#pairs()) {
      yield { pair, leave: await room.enter(Math.min(pair.source.size, LARGE_FILE)) }
    }
  }

  #pairs(): AsyncIterable<FilePair> {
    const { directory, compare, deletes } = this.#settings
    const call = { signal: this.#signal }
    const sources = this.#from.list(directory, call)
    if (compare === false && !deletes) return unpaired(sources)
    return pairFiles(
      inOrder(sources, describe(this.#from)),
      inOrder(this.#to.list(directory, call), describe(this.#to)),
      deletes ? ({ name }) => void this.#extraneous.push(name) : undefined,
    )
  }

  async #take(pair: FilePair): Promise<void> {
    const { name, size } = pair.source
    throwIfAborted(this.#signal, "transfer")
    try {
      if (await this.#isSame(pair)) {
        this.#skipped++
        return this.#report(name, "skipped")
      }
      if (!this.#settings.dryRun) await this.#copies.copy(name)
    } catch (error) {
      if (this.#signal.aborted) throw error
      this.#failures.push({ name, error: storageError(error) })
      return this.#report(name, "failed")
    }
    this.#copied++
    this.#bytes += size
    this.#report(name, "copied")
  }

  async #deleteExtraneous(): Promise<void> {
    for (let start = 0; start < this.#extraneous.length; start += DELETED_AT_ONCE) {
      throwIfAborted(this.#signal, "transfer")
      const names = this.#extraneous.slice(start, start + DELETED_AT_ONCE)
      const failed = new Map(this.#settings.dryRun ? [] : await this.#delete(names))
      for (const name of names) {
        const error = failed.get(name)
        if (error === undefined) this.#deleted.push(name)
        else this.#failures.push({ name, error })
        this.#report(name, error === undefined ? "deleted" : "failed")
      }
    }
  }

  /** Those that could not be deleted, and why. */
  async #delete(names: readonly string[]): Promise<[name: string, error: StorageError][]> {
    try {
      await this.#to.deleteMany(names, { signal: this.#signal })
      return []
    } catch (error) {
      if (this.#signal.aborted) throw error
      const { failures } = storageError(error)
      return failures
        ? failures.map((failure) => [failure.name, failure.error])
        : names.map((name) => [name, storageError(error)])
    }
  }

  async #isSame({ source, target }: FilePair): Promise<boolean> {
    const { compare } = this.#settings
    if (target === undefined || compare === false) return false
    if (typeof compare === "function") return this.#callback("compare", () => compare(source, target))
    if (compare === "content") {
      return sameContent({ storage: this.#from, info: source }, { storage: this.#to, info: target }, this.#signal)
    }
    return source.size === target.size && (compare === "size" || target.modified >= source.modified)
  }

  #report(name: string, action: TransferProgress["action"]): void {
    const { onProgress } = this.#settings
    if (!onProgress) return
    const [copied, skipped, bytes] = [this.#copied, this.#skipped, this.#bytes]
    const [deleted, failed] = [this.#deleted.length, this.#failures.length]
    try {
      onProgress({ name, action, copied, skipped, deleted, failed, bytes })
    } catch (error) {
      this.#stopFor("onProgress", error)
    }
  }

  async #callback(option: string, call: () => boolean | Promise<boolean>): Promise<boolean> {
    try {
      return await call()
    } catch (error) {
      return this.#stopFor(option, error)
    }
  }

  /** A callback that throws is a fault of the caller's for all files, not a failure of this one. */
  #stopFor(option: string, cause: unknown): never {
    this.#stop.abort(new CallbackError(option, cause))
    throw cause
  }

  #aborted(): StorageError {
    const reason: unknown = this.#signal.reason
    const failures = this.#failures
    if (!(reason instanceof CallbackError)) return abortError(this.#signal, "transfer", { failures })
    return new StorageError("aborted", reason.message, { operation: "transfer", failures, cause: reason.cause })
  }
}

class CallbackError extends Error {
  constructor(option: string, cause: unknown) {
    super(`transfer was stopped because ${option} threw: ${messageOf(cause)}. What was copied by then stays.`, {
      cause,
    })
  }
}

async function* unpaired(sources: AsyncIterable<FileInfo>): AsyncGenerator<FilePair> {
  for await (const source of sources) yield { source, target: undefined }
}

/** What a storage of another making throws may be no StorageError. */
function storageError(error: unknown): StorageError {
  if (StorageError.is(error)) return error
  return new StorageError("unknown", `transfer failed: ${messageOf(error)}.`, { operation: "transfer", cause: error })
}
