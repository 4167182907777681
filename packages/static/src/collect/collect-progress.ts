import type { PublishProgress } from "../publishing/publisher.ts"

/** One file that is stored, and how far the collect is. */
export interface CollectProgress extends PublishProgress {
  /** How many files of the sources are done: all that is made of each (copies, compressed ones) is stored. */
  readonly collected: number
  /** How many files of the sources there are. */
  readonly total: number
}

/** Counts files of the sources by the names under which they are stored. */
export class SourceCount {
  /** How many there are. */
  total = 0
  collected = 0
  /** Names that are not stored yet, with how many their file has. */
  readonly #expected = new Map<string, { left: number }>()

  /** A file is stored under these names. */
  expect(names: readonly string[]): void {
    const file = { left: names.length }
    for (const name of names) this.#expected.set(name, file)
  }

  /** A name is stored, last of all that goes with it. Counts once. */
  stored(name: string): void {
    const file = this.#expected.get(name)
    if (file === undefined) return
    this.#expected.delete(name)
    if (--file.left === 0) this.collected++
  }
}
