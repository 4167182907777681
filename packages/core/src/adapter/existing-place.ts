/** Tells a missing bucket from a missing object, once: a bucket that was there is not asked for again. */
export class ExistingPlace {
  readonly #ask: (signal: AbortSignal | undefined) => Promise<void>
  #exists = false

  /** @param ask throws `bucket-not-found` where there is none */
  constructor(ask: (signal: AbortSignal | undefined) => Promise<void>) {
    this.#ask = ask
  }

  /** Something in it was answered for. */
  seen(): void {
    this.#exists = true
  }

  /** After a "not found" that may mean either. */
  async check(signal: AbortSignal | undefined): Promise<void> {
    if (this.#exists) return
    await this.#ask(signal)
    this.#exists = true
  }
}
