import { StorageError } from "../errors.ts"

/** The StorageError that an action throws or rejects with; anything else fails the test. */
export async function failureOf(action: Promise<unknown> | (() => unknown)): Promise<StorageError> {
  let answer: unknown
  try {
    answer = await (typeof action === "function" ? action() : action)
  } catch (error) {
    if (StorageError.is(error)) return error
    throw new Error(`expected a StorageError, got ${String(error)}`, { cause: error })
  }
  throw new Error(`expected a StorageError, but it succeeded with ${String(answer)}`)
}

/** The code of the StorageError that a synchronous action throws, or undefined where it succeeds. */
export function codeOf(action: () => unknown): string | undefined {
  try {
    action()
    return undefined
  } catch (error) {
    if (StorageError.is(error)) return error.code
    throw error
  }
}
