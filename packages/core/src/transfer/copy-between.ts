import { driverOf } from "../driver-of.ts"
import { StorageError, type StorageErrorCode } from "../errors.ts"
import type { FileInfo } from "../file-info.ts"
import { normalizeName } from "../names.ts"
import type { Storage } from "../storage.ts"
import { type OpenedBytes, StorageFile } from "../storage-file.ts"

/** Answers after which the service is not asked any more to copy by itself: it can't, or may not read the source. */
const REFUSALS: ReadonlySet<StorageErrorCode> = new Set<StorageErrorCode>([
  "permission-denied",
  "unauthenticated",
  "unsupported",
  "bucket-not-found",
  "wrong-region",
])

/** Copies files from one storage to another: by the service where both are of one, else as a stream. */
export class CopyBetween {
  readonly #from: Storage
  readonly #to: Storage
  readonly #signal: AbortSignal
  #byService = true

  constructor(from: Storage, to: Storage, signal: AbortSignal) {
    this.#from = from
    this.#to = to
    this.#signal = signal
  }

  async copy(name: string): Promise<void> {
    if (this.#byService && (await this.#copyByService(name))) return
    await this.#stream(name)
  }

  /** Whether the service made the copy. */
  async #copyByService(name: string): Promise<boolean> {
    const [source, target] = [driverOf(this.#from), driverOf(this.#to)]
    if (!target?.copyFrom) return false
    const key = normalizeName(name, target.limits)
    const place = source?.place?.(name)
    if (place === undefined || place.service !== target.place?.(key)?.service) return false
    try {
      // Where the target's credentials see no such file, the stream finds out whether it is gone.
      return (await target.copyFrom(place, key, { signal: this.#signal })) !== undefined
    } catch (error) {
      if (!StorageError.is(error) || !REFUSALS.has(error.code)) throw error
      this.#byService = false
      return false
    }
  }

  /** Bounded memory, with headers and metadata, and compared on its way with the digest that the source tells. */
  async #stream(name: string): Promise<void> {
    const file = this.#from.open(name, { signal: this.#signal })
    const opened = await file.read()
    let unread: OpenedBytes | undefined = opened
    try {
      const info = opened.partialInfo ? await file.stat() : opened.info
      checkVersion(name, opened.info, info)
      // Headers, size and digest are those of the version that is read, also where it is read again.
      const known = new StorageFile(name, {
        stat: async () => info,
        async read() {
          const bytes = unread ?? (await file.read())
          unread = undefined
          try {
            checkVersion(name, info, bytes.info)
          } catch (error) {
            await letGo(bytes)
            throw error
          }
          return { ...bytes, info }
        },
      })
      const checksum = info.decoded ? undefined : info.checksum
      await this.#to.write(name, known, { signal: this.#signal, checksum })
    } finally {
      if (unread) await letGo(unread)
    }
  }
}

/** @throws StorageError `conflict` where somebody has stored another version in between */
function checkVersion(name: string, one: FileInfo, other: FileInfo): void {
  const isSame =
    one.etag !== undefined && other.etag !== undefined
      ? one.etag === other.etag
      : one.size === other.size && one.modified.getTime() === other.modified.getTime()
  if (isSame) return
  throw new StorageError("conflict", `${JSON.stringify(name)} was replaced while it was being copied; copy it again.`, {
    operation: "copy",
    key: name,
  })
}

/** Closes what is behind bytes that nobody wants: a generator that was not begun would not clean up. */
async function letGo({ chunks }: OpenedBytes): Promise<void> {
  try {
    for await (const _ of chunks) break
  } catch {
    // They are not wanted any more.
  }
}
