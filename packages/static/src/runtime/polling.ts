/** The longest wait of a timer in Node; a longer one would end at once. */
const LONGEST_WAIT = 2 ** 31 - 1

/** Looks again and again, with a wait after each look, until it is stopped. */
export class Polling {
  readonly #look: (signal: AbortSignal) => Promise<unknown>
  readonly #milliseconds: number
  readonly #onError: (error: unknown) => void
  readonly #stopping = new AbortController()
  #timer: NodeJS.Timeout | undefined
  #told: string | undefined

  /**
   * @param wait in seconds, from the end of a look to the next
   * @param onError told of a failure once, until a look succeeds or fails otherwise
   */
  constructor(look: (signal: AbortSignal) => Promise<unknown>, wait: number, onError: (error: unknown) => void) {
    this.#look = look
    this.#milliseconds = Math.min(Math.ceil(wait * 1000), LONGEST_WAIT)
    this.#onError = onError
    this.#schedule()
  }

  /** No look begins any more; one that is under way is cancelled, and tells nothing. */
  stop(): void {
    this.#stopping.abort()
    clearTimeout(this.#timer)
  }

  #schedule(): void {
    if (this.#stopping.signal.aborted) return
    this.#timer = setTimeout(() => void this.#run(), this.#milliseconds)
    this.#timer.unref()
  }

  async #run(): Promise<void> {
    try {
      await this.#look(this.#stopping.signal)
      this.#told = undefined
    } catch (error) {
      this.#tell(error)
    } finally {
      this.#schedule()
    }
  }

  #tell(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error)
    if (this.#stopping.signal.aborted || message === this.#told) return
    this.#told = message
    try {
      this.#onError(error)
    } catch (thrown) {
      // A listener that throws must not end the watch in silence, nor the process.
      process.emitWarning(`Static files: onError has thrown. ${String(thrown)}`)
    }
  }
}
