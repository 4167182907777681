import { abortError, throwIfAborted } from "./call.ts"
import { orAborted } from "./or-aborted.ts"

interface Waiting {
  readonly bytes: number
  readonly begin: () => void
}

/** Lets only so many jobs run at once, with only so many bytes of input, in the order of their arrival. */
export class WorkLimit {
  readonly #mostJobs: number
  readonly #mostBytes: number
  readonly #operation: string
  readonly #waiting: Waiting[] = []
  #jobs = 0
  #bytes = 0

  /**
   * @param mostBytes a job with more than these runs alone
   * @param operation what the jobs are part of, for the error of an abort
   */
  constructor(mostJobs: number, mostBytes: number, operation: string) {
    this.#mostJobs = mostJobs
    this.#mostBytes = mostBytes
    this.#operation = operation
  }

  /**
   * The result of the work, once there was a place for it. When the signal aborts, what waits is not begun; what runs
   * can't be stopped, and keeps its place until it ends, but is not waited for.
   * @throws StorageError `aborted`
   */
  async run<Result>(bytes: number, work: () => Promise<Result>, signal?: AbortSignal): Promise<Result> {
    const leave = await this.enter(bytes, signal)
    const running = Promise.resolve().then(work).finally(leave)
    return orAborted(running, signal, (aborted) => abortError(aborted, this.#operation))
  }

  /**
   * Waits for a place.
   * @returns what gives it back, to be called once
   * @throws StorageError `aborted`
   */
  async enter(bytes: number, signal?: AbortSignal): Promise<() => void> {
    throwIfAborted(signal, this.#operation)
    await this.#place(bytes, signal)
    return () => this.#leave(bytes)
  }

  #place(bytes: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        this.#waiting.splice(this.#waiting.indexOf(waiting), 1)
        // It may have been the large one that all others waited behind.
        this.#beginNext()
        reject(abortError(signal!, this.#operation))
      }
      const begin = () => {
        signal?.removeEventListener("abort", onAbort)
        resolve()
      }
      const waiting = { bytes, begin }
      signal?.addEventListener("abort", onAbort, { once: true })
      this.#waiting.push(waiting)
      this.#beginNext()
    })
  }

  #leave(bytes: number): void {
    this.#jobs--
    this.#bytes -= bytes
    this.#beginNext()
  }

  #beginNext(): void {
    for (let next = this.#waiting[0]; next && this.#hasPlace(next.bytes); next = this.#waiting[0]) {
      this.#waiting.shift()
      this.#jobs++
      this.#bytes += next.bytes
      next.begin()
    }
  }

  #hasPlace(bytes: number): boolean {
    return this.#jobs === 0 || (this.#jobs < this.#mostJobs && this.#bytes + bytes <= this.#mostBytes)
  }
}
