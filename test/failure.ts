import { StorageError } from "@node-storages/core"
import { expect } from "vitest"

/** The StorageError that a promise rejects with. Anything else fails the test. */
export async function failureOf(promise: Promise<unknown>): Promise<StorageError> {
  const error: unknown = await promise.then(
    (value) => expect.fail(`It should have failed, and gave ${JSON.stringify(value)}.`),
    (reason: unknown) => reason,
  )
  if (!StorageError.is(error)) throw error
  return error
}
