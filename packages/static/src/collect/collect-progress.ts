import type { PublishProgress } from "../publishing/publisher.ts"

/** One file that is stored, and how far the collect is. */
export interface CollectProgress extends PublishProgress {
  /** How many files of the sources are done: all that is made of each (copies, compressed ones) is stored. */
  readonly collected: number
  /** How many files of the sources there are. */
  readonly total: number
}

/** Counts files of the sources by the last of those that are made of each. */
export class SourceCount {
  readonly total: number
  collected = 0
  readonly #last = new Set<string>()

  constructor(total: number) {
    this.total = total
  }

  /** That name is stored last of all that are made of a file. */
  expect(name: string): void {
    this.#last.add(name)
  }

  /** It is stored. Counts once. */
  stored(name: string): void {
    if (this.#last.delete(name)) this.collected++
  }
}
