import { driverOf, type Storage, StorageError } from "@node-storages/core"

/** A storage whose `url()` does not sign. */
export function isPublic(storage: Storage): boolean {
  try {
    storage.publicUrl("a")
    return true
  } catch {
    return false
  }
}

/**
 * A bucket that signs its URLs is private, and the service checks the signatures: a handler would give every file to
 * everybody. Somebody has to say who may have them.
 * @throws StorageError `invalid-option`
 */
export function checkGuarded(storage: Storage, authorize: unknown, subject: string): void {
  const driver = driverOf(storage)
  if (authorize !== undefined || storage.checkSigned !== undefined || driver?.signedUrl === undefined) return
  if (isPublic(storage)) return
  throw new StorageError(
    "invalid-option",
    `${subject}: ${driver.target} is private. Its URLs are signed, and only the service can check them: this handler ` +
      'would give every file to everybody. Say who may have them by "authorize"; authorize: () => true lets everybody ' +
      'read, "signedUrls: false" of the storage says that it is public, and url() leads browsers to the service.',
  )
}
