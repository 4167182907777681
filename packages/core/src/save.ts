import { alternativeName, shortenName } from "./alternative-name.ts"
import type { PutBody, PutOptions, StorageDriver } from "./driver.ts"
import { StorageError } from "./errors.ts"
import type { FileInfo } from "./file-info.ts"
import { normalizeName } from "./names.ts"

/** With 62^7 alternatives this many taken ones in a row mean that the backend lies. */
const MOST_ATTEMPTS = 100

export interface FreeNameOptions {
  readonly overwrite: boolean
  readonly maxLength: number | undefined
}

/** Puts under the name, or under an alternative where it is taken. The backend decides, atomically: no check first. */
export async function putUnderFreeName(
  driver: StorageDriver,
  name: string,
  body: PutBody,
  options: PutOptions,
  { overwrite, maxLength }: FreeNameOptions,
): Promise<FileInfo> {
  if (maxLength !== undefined && !(Number.isInteger(maxLength) && maxLength > 0)) {
    throw new StorageError("invalid-option", `maxLength must be a whole number of characters from 1, not ${maxLength}.`)
  }
  let key = maxLength === undefined ? name : normalizeName(shortenName(name, maxLength), driver.limits)
  if (overwrite) return driver.put(key, body, options)
  const nextKey = () => alternativeName(name, { maxLength, limits: driver.limits })
  for (let attempt = 1; ; attempt++) {
    try {
      return await driver.put(key, body, { ...options, ifAbsent: true, nextKey })
    } catch (error) {
      if (!StorageError.is(error, "already-exists") || attempt === MOST_ATTEMPTS) throw error
      if (!body.replayable) {
        throw new StorageError(
          "already-exists",
          `${JSON.stringify(key)} in ${driver.target} was taken while the stream for it was being sent, and the stream can't be ` +
            `read again. Nothing was stored. Pass content that can be read twice (bytes, a Blob, a file), or a name that is unique.`,
          { operation: "save", storage: driver.target, key, cause: error },
        )
      }
      key = nextKey()
    }
  }
}
