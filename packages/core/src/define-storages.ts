import { nearest } from "./check-options.ts"
import { StorageError } from "./errors.ts"
import type { Storage } from "./storage.ts"

/** A storage, or a function that makes one on first use. */
export type StorageEntry = Storage | (() => Storage)

/** What `defineStorages` makes of its entries: each storage by its name, of the class that the entry gives. */
export type Storages<Entries extends Readonly<Record<string, StorageEntry>>> = {
  readonly [Name in keyof Entries]: Entries[Name] extends () => infer Made ? Made : Entries[Name]
}

/** Names that JavaScript itself asks any object for. */
const ASKED_BY_THE_LANGUAGE: ReadonlySet<string> = new Set(["then", "toJSON", "constructor", "toString", "valueOf"])

/**
 * Names the storages of an app. Each is made when it is first used, once.
 * @throws StorageError `invalid-option` when a name is read that is not defined; the message lists those that are
 */
export function defineStorages<const Entries extends Readonly<Record<string, StorageEntry>>>(
  entries: Entries,
): Storages<Entries> {
  const storages: Record<string, Storage> = Object.create(null) as Record<string, Storage>
  for (const [name, entry] of Object.entries(entries)) {
    let made: Storage | undefined = typeof entry === "function" ? undefined : entry
    Object.defineProperty(storages, name, {
      enumerable: true,
      get: () => (made ??= (entry as () => Storage)()),
    })
  }
  return new Proxy(storages, {
    get(target, name) {
      if (typeof name === "symbol" || name in target) return Reflect.get(target, name) as unknown
      if (ASKED_BY_THE_LANGUAGE.has(name)) return undefined
      const known = Object.keys(target)
      const suggestion = nearest(name, known)
      throw new StorageError(
        "invalid-option",
        `There is no storage ${JSON.stringify(name)}. ${suggestion ? `Did you mean "${suggestion}"? ` : ""}` +
          `The defined ones are: ${known.join(", ") || "none"}.`,
      )
    },
  }) as Storages<Entries>
}
