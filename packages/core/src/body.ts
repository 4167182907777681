import { abortError } from "./call.ts"
import { checkOptions, type OptionNames } from "./check-options.ts"
import type { Content } from "./content.ts"
import type { PutBody } from "./driver.ts"
import { StorageError } from "./errors.ts"
import type { Checksums } from "./file-info.ts"
import { type NamedHash, startHashes } from "./hashes.ts"
import type { Progress } from "./storage.ts"

export interface BodyChecks {
  readonly operation: string
  readonly signal?: AbortSignal | undefined
  readonly checksum?: Checksums | undefined
  readonly onProgress?: ((progress: Progress) => void) | undefined
  readonly size?: number | undefined
}

/** In-memory content is reported in steps of this many bytes when progress is asked for. */
const PROGRESS_STEP = 256 * 1024
const CHECKSUMS: OptionNames<Checksums> = { md5: true, sha1: true, sha256: true, sha512: true }

/**
 * Content on its way to a driver: counts it, checks it against the expected digests before its end is told,
 * stops when the signal aborts even while the source hangs, and remembers the source's own failure, which matters
 * more than what a service's client makes of it.
 */
export class CheckedBody implements PutBody {
  readonly size: number | undefined
  readonly replayable: boolean
  readonly bytes: Uint8Array | undefined
  /** Why the source failed or was refused, as a StorageError. */
  failure: StorageError | undefined
  readonly #content: Content
  readonly #checks: BodyChecks

  constructor(content: Content, checks: BodyChecks) {
    checkOptions(`${checks.operation}() checksum`, checks.checksum, CHECKSUMS)
    for (const [algorithm, digest] of Object.entries(checks.checksum ?? {})) {
      if (digest === undefined || typeof digest === "string") continue
      throw new StorageError("invalid-option", `checksum.${algorithm} must be a digest in hexadecimal.`)
    }
    this.#content = content
    this.#checks = checks
    this.size = checks.size ?? content.size
    this.replayable = content.replayable
    if (content.bytes) {
      if (content.bytes.byteLength !== this.size) throw this.#sizeError(content.bytes.byteLength)
      this.#verify([content.bytes], checks.checksum)
    }
    this.bytes = checks.onProgress && (content.size ?? 0) > PROGRESS_STEP ? undefined : content.bytes
  }

  async *stream(): AsyncGenerator<Uint8Array> {
    const { signal, operation, checksum } = this.#checks
    const { bytes } = this.#content
    // A repeated put starts afresh.
    this.failure = undefined
    const hashes = bytes ? undefined : startHashes(checksum)
    const chunks = bytes ? steps(bytes) : this.#content.stream()
    let loaded = 0
    for await (const chunk of signal ? untilAborted(this.#source(chunks), signal, operation) : this.#source(chunks)) {
      loaded += chunk.byteLength
      if (this.size !== undefined && loaded > this.size) throw this.#sizeError(loaded)
      for (const [, hash] of hashes ?? []) hash.update(chunk)
      yield chunk
      this.#report(loaded)
    }
    if (this.size !== undefined && loaded !== this.size) throw this.#sizeError(loaded)
    if (hashes) this.#compare(hashes, checksum)
  }

  /** Reports content that went out in one piece. */
  reportWhole(): void {
    try {
      if (this.bytes) this.#report(this.bytes.byteLength)
    } catch {
      // The file is stored: a callback that throws can't make a failure of it any more.
    }
  }

  #report(loaded: number): void {
    try {
      this.#checks.onProgress?.({ loaded, total: this.size })
    } catch (error) {
      const { operation } = this.#checks
      const message = `${operation} was cancelled because onProgress threw: ${messageOf(error)}. Nothing was stored.`
      this.failure = new StorageError("aborted", message, { operation, cause: error })
      throw this.failure
    }
  }

  cancel(reason: unknown): void {
    this.#content.cancel(reason)
  }

  async *#source(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    try {
      yield* chunks
    } catch (error) {
      this.failure = StorageError.is(error)
        ? error
        : new StorageError(
            "source-failed",
            `The stream to be stored failed: ${messageOf(error)}. Nothing was stored.`,
            {
              operation: this.#checks.operation,
              cause: error,
            },
          )
      throw this.failure
    }
  }

  #sizeError(loaded: number): StorageError {
    this.failure = new StorageError(
      "invalid-content",
      `The content was announced with ${this.size} bytes and gave ${loaded > this.size! ? "more" : `only ${loaded}`}. Nothing was stored.`,
      { operation: this.#checks.operation },
    )
    return this.failure
  }

  #verify(chunks: readonly Uint8Array[], checksum: Checksums | undefined): void {
    const hashes = startHashes(checksum)
    if (!hashes) return
    for (const chunk of chunks) for (const [, hash] of hashes) hash.update(chunk)
    this.#compare(hashes, checksum)
  }

  #compare(hashes: readonly NamedHash[], checksum: Checksums | undefined): void {
    for (const [algorithm, hash] of hashes) {
      const expected = checksum![algorithm]!
      const actual = hash.digest("hex")
      if (actual === expected.toLowerCase()) continue
      this.failure = new StorageError(
        "checksum-mismatch",
        `The content's ${algorithm} is ${actual}, not ${expected} as expected. Nothing was stored.`,
        { operation: this.#checks.operation },
      )
      throw this.failure
    }
  }
}

/** An error in one line: its message, behind its name where that says more than "Error". */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return /^(Type|Range)?Error$/.test(error.name) ? error.message : `${error.name}: ${error.message}`
}

async function* steps(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.byteLength; start += PROGRESS_STEP) {
    yield bytes.subarray(start, start + PROGRESS_STEP)
  }
}

/** The chunks, until the signal aborts: then it throws at once, even while the source does not answer. */
async function* untilAborted(
  chunks: AsyncGenerator<Uint8Array>,
  signal: AbortSignal,
  operation: string,
): AsyncGenerator<Uint8Array> {
  let giveUp: ((error: StorageError) => void) | undefined
  const onAbort = () => giveUp?.(abortError(signal, operation))
  signal.addEventListener("abort", onAbort, { once: true })
  let finished = false
  try {
    for (;;) {
      // A promise of its own for each chunk: one for all in a race would hold every chunk until the end.
      const next = await new Promise<IteratorResult<Uint8Array>>((resolve, reject) => {
        giveUp = reject
        if (signal.aborted) onAbort()
        chunks.next().then(resolve, reject)
      })
      if (next.done) {
        finished = true
        return
      }
      yield next.value
    }
  } finally {
    signal.removeEventListener("abort", onAbort)
    // Not awaited: a source that hangs does not come back from `return` either.
    if (!finished) chunks.return(undefined).catch(() => {})
  }
}
