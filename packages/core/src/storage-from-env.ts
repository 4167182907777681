import { StorageError } from "./errors.ts"
import type { Storage } from "./storage.ts"
import { makeFromUrl } from "./storage-url.ts"
import { thrownAt } from "./thrown-at.ts"

/**
 * A storage from an environment variable that holds a storage URL, as an entry of `defineStorages`:
 * `media: storageFromEnv("MEDIA_STORAGE_URL", () => new LocalStorage("media"))`. The variable is read when the storage is
 * made, and its value is in no message. The adapter of the URL's scheme must be imported.
 * @param name of the variable, not its value
 * @param fallback makes the storage where the variable is not set or empty. Default: it has to be set
 * @throws StorageError `invalid-option`, which names the variable: at once for a name that is none, when the storage is
 * made for a variable that is not set and for a URL that makes no storage
 */
export function storageFromEnv(name: string, fallback?: () => Storage): () => Storage {
  if (typeof name !== "string" || !/^[A-Za-z_]\w*$/.test(name)) {
    // Not shown: it may be the value, credentials and all.
    throw new StorageError(
      "invalid-option",
      'storageFromEnv(): give the name of an environment variable, not its value: storageFromEnv("MEDIA_STORAGE_URL").',
    )
  }
  if (fallback !== undefined && typeof fallback !== "function") {
    throw new StorageError(
      "invalid-option",
      `storageFromEnv("${name}"): the fallback must be a function that makes a storage, () => new LocalStorage("media"), not ${typeof fallback}.`,
    )
  }
  // Where the variable is named, which a stack of a later call would not tell.
  const call = new Error("storageFromEnv() was called here")
  return () => {
    const url = environment()?.[name]
    if (url !== undefined && url !== "") {
      try {
        return makeFromUrl(url, `The environment variable ${name}`)
      } catch (error) {
        throw StorageError.is(error) ? thrownAt(error, call) : error
      }
    }
    if (fallback) return fallback()
    const missing = new StorageError(
      "invalid-option",
      environment() === undefined
        ? `storageFromEnv("${name}"): this runtime has no process.env. Give storageFromUrl() the URL, from where the runtime keeps its configuration.`
        : `The environment variable ${name} is ${url === undefined ? "not set" : "empty"}. Set it to the URL of a storage, such as ` +
            '"s3://bucket/location?region=eu-west-1" or "file:///srv/media", or give storageFromEnv() a fallback.',
    )
    throw thrownAt(missing, call)
  }
}

/** Undefined in runtimes that have none. */
function environment(): Readonly<Record<string, string | undefined>> | undefined {
  const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } }
  return process?.env
}
