import { messageOf } from "./body.ts"
import { abortError } from "./call.ts"
import type { DriverCallOptions, StorageDriver } from "./driver.ts"
import { type NamedFailure, StorageError } from "./errors.ts"
import { normalizeName } from "./names.ts"

/** How many batches are under way at once, and how many single removals where a driver has no batches. */
const PARALLEL_BATCHES = 8
const PARALLEL_REMOVALS = 16

/** Removes every name and answers with those that failed; only an aborted signal ends it early. */
export async function removeAll(
  driver: StorageDriver,
  names: Iterable<string> | AsyncIterable<string>,
  options: DriverCallOptions,
): Promise<NamedFailure[]> {
  checkNames(names)
  const { signal } = options
  const failures: NamedFailure[] = []
  const fail = (name: string, error: unknown) => failures.push({ name, error: error as StorageError })
  const removeMany = driver.removeMany?.bind(driver)
  const batchSize = removeMany ? (driver.features.removeManyLimit ?? 1000) : 1

  const removeBatch = async (batch: string[]) => {
    try {
      if (!removeMany) await driver.remove(batch[0]!, options)
      else for (const { key, error } of await removeMany(batch, options)) fail(key, error)
    } catch (error) {
      // A batch that failed as a whole failed for each of its names.
      for (const name of batch) fail(name, error)
    }
  }

  const running = new Set<Promise<void>>()
  // Not a race of those under way: each race would leave something at a batch that takes long.
  let onEnd: (() => void) | undefined
  const start = async (batch: string[]) => {
    if (running.size >= (removeMany ? PARALLEL_BATCHES : PARALLEL_REMOVALS)) {
      await new Promise<void>((resolve) => (onEnd = resolve))
    }
    if (signal?.aborted) throw abortError(signal, "deleteMany", { storage: driver.target })
    const task = removeBatch(batch).finally(() => {
      running.delete(task)
      onEnd?.()
    })
    running.add(task)
  }

  let batch: string[] = []
  try {
    for await (const name of names) {
      try {
        batch.push(normalizeName(name, driver.limits))
      } catch (error) {
        fail(name, error)
      }
      if (batch.length < batchSize) continue
      await start(batch)
      batch = []
    }
    if (batch.length > 0) await start(batch)
  } catch (error) {
    if (StorageError.is(error)) throw error
    if (signal?.aborted) throw abortError(signal, "deleteMany", { storage: driver.target })
    throw new StorageError("source-failed", `The list of names to be deleted failed: ${messageOf(error)}.`, {
      operation: "delete",
      storage: driver.target,
      cause: error,
    })
  } finally {
    await Promise.all(running)
  }
  return failures
}

/** A string is a list of characters to JavaScript and to TypeScript: `deleteMany("abc")` would delete `a`, `b` and `c`. */
function checkNames(names: unknown): void {
  const iterable =
    typeof names === "object" && names !== null && (Symbol.iterator in names || Symbol.asyncIterator in names)
  if (iterable) return
  throw new StorageError("invalid-option", "deleteMany() takes an iterable of names; for one name there is delete().")
}
