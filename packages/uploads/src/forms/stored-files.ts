import { type Storage, StorageError } from "@node-storages/core"

/** How long removing what a failed form has stored may take, in seconds. */
const REMOVAL_TIMEOUT = 30

/** The files that a form has created, to be removed again if it fails. */
export class StoredFiles {
  readonly #names = new Map<Storage, Set<string>>()

  add(storage: Storage, name: string): void {
    const names = this.#names.get(storage)
    if (names) names.add(name)
    else this.#names.set(storage, new Set([name]))
  }

  /** What has been moved away or removed already. */
  forget(storage: Storage, name: string): void {
    this.#names.get(storage)?.delete(name)
  }

  /**
   * Removes all of them.
   * @param reason why, which is the cause of the error where that fails too
   * @throws StorageError `partial-failure` whose `failures` tell what is still there
   */
  async removeAll(reason: unknown): Promise<void> {
    const removals = [...this.#names].filter(([, names]) => names.size > 0)
    this.#names.clear()
    const outcomes = await Promise.allSettled(
      removals.map(async ([storage, names]) => storage.deleteMany(names, { timeout: REMOVAL_TIMEOUT })),
    )
    const errors = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason as unknown] : []))
    if (errors.length === 0) return
    const failures = errors.flatMap((error) => (StorageError.is(error) ? (error.failures ?? []) : []))
    const why = reason instanceof Error ? ` It was given up because: ${reason.message}` : ""
    throw new StorageError(
      "partial-failure",
      `Files of a form that was given up could not be removed; "failures" tells which.${why}`,
      { operation: "receiveForm", failures, cause: reason ?? errors[0] },
    )
  }
}
