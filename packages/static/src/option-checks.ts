import { checkOptions, StorageError } from "@node-storages/core"
import { StaticError } from "./static-error.ts"

/** Runs a check of core's, and refuses with an error of this package. @throws StaticError `invalid-option` */
export function checked<Result>(check: () => Result): Result {
  try {
    return check()
  } catch (error) {
    if (!StorageError.is(error)) throw error
    throw new StaticError("invalid-option", error.message, { cause: error })
  }
}

/** @throws StaticError `invalid-option` for an option that is not known, naming the nearest known one */
export function checkKnown(subject: string, options: object | undefined, known: object): void {
  checked(() => checkOptions(subject, options, known))
}
