import { nearest } from "./check-options.ts"
import { StorageError } from "./errors.ts"
import { isStorage } from "./is-storage.ts"
import type { Storage } from "./storage.ts"
import { thrownAt } from "./thrown-at.ts"

/** A storage, or a function that makes one on first use. */
export type StorageEntry = Storage | (() => Storage)

/** What `defineStorages` makes of its entries: each storage by its name, of the class that the entry gives. */
export type Storages<Entries extends Readonly<Record<string, StorageEntry>>> = {
  readonly [Name in keyof Entries]: Entries[Name] extends () => infer Made ? Made : Entries[Name]
}

/** Names that JavaScript itself asks any object for. */
const ASKED_BY_THE_LANGUAGE: ReadonlySet<string> = new Set(["then", "toJSON", "constructor", "toString", "valueOf"])

/**
 * Names the storages of an app. Each is made when it is first used, once; one that could not be made is tried again when
 * it is used again.
 * @throws StorageError `invalid-option` for an entry that is neither a storage nor a function, and when a name is read
 * that is not defined; when a storage is read that could not be made, `storages.media: …` with the code and the place of
 * what went wrong, which is its `cause`
 */
export function defineStorages<const Entries extends Readonly<Record<string, StorageEntry>>>(
  entries: Entries,
): Storages<Entries> {
  const storages: Record<string, Storage> = Object.create(null) as Record<string, Storage>
  const call = new Error("defineStorages() was called here")
  for (const [name, entry] of Object.entries(entries)) {
    Object.defineProperty(storages, name, { enumerable: true, get: getterOf(name, entry, call) })
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

/** @param call made where the entries stand: a function that gives no storage is told to be wrong there */
function getterOf(name: string, entry: StorageEntry, call: Error): () => Storage {
  if (isStorage(entry)) return () => entry
  if (typeof entry !== "function" || isClass(entry)) {
    throw new StorageError(
      "invalid-option",
      `defineStorages(): ${name} is ${kindOf(entry)}, not a storage or a function that makes one. ${wayOut(name, entry)}`,
    )
  }
  let made: Storage | undefined
  let making = false
  return () => {
    if (made) return made
    if (making) throw new StorageError("invalid-option", `storages.${name} is used while it is being made.`)
    making = true
    try {
      return (made = storageOf(name, entry(), call))
    } catch (error) {
      throw failureOf(name, error)
    } finally {
      making = false
    }
  }
}

function storageOf(name: string, result: unknown, call: Error): Storage {
  if (isStorage(result)) return result
  const problem = `its function gave ${kindOf(result)}, not a storage. ${wayOut(name, result)}`
  throw thrownAt(new StorageError("invalid-option", problem), call)
}

/** What went wrong, with the name of the storage, and with the stack of the cause: the entry stands there. */
function failureOf(name: string, cause: unknown): StorageError {
  const code = StorageError.is(cause) ? cause.code : "invalid-option"
  const message = cause instanceof Error ? cause.message : String(cause)
  return thrownAt(new StorageError(code, `storages.${name}: ${message}`, { cause }), cause)
}

function isClass(value: unknown): boolean {
  return typeof value === "function" && /^class\b/.test(Function.prototype.toString.call(value))
}

function isPromise(value: unknown): boolean {
  return typeof (value as PromiseLike<unknown> | null | undefined)?.then === "function"
}

/** In words, without the value: it may hold credentials. */
function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value)
  if (isPromise(value)) return "a promise"
  if (isClass(value)) return "a class"
  return typeof value === "object" ? "another object" : `a ${typeof value}`
}

function wayOut(name: string, value: unknown): string {
  if (isPromise(value))
    return "Storages connect when they are used, so that nothing has to be awaited: leave out async."
  if (isClass(value)) return `Make one: ${name}: () => new ${(value as { name: string }).name || "Storage"}(…).`
  if (typeof value === "string" || value instanceof URL) {
    return `Make a storage of a URL: ${name}: () => storageFromUrl(…), or by the name of an environment variable: ${name}: storageFromEnv("…").`
  }
  if (value === undefined)
    return `Is a "return" or an import missing? Write: ${name}: () => new LocalStorage("${name}").`
  return `Write: ${name}: () => new LocalStorage("${name}").`
}
