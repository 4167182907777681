/** Lets so many in at once; the others wait, in the order in which they came. */
export class Semaphore {
  #free: number
  readonly #waiting: (() => void)[] = []

  constructor(places: number) {
    this.#free = places
  }

  /** Does the work when there is a place for it. */
  async run<Result>(work: () => Promise<Result>): Promise<Result> {
    // A place that is given back goes to the first who waits, not to whoever comes by.
    if (this.#free > 0) this.#free--
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
    try {
      return await work()
    } finally {
      const next = this.#waiting.shift()
      if (next) next()
      else this.#free++
    }
  }
}
