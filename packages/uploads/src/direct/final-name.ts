import { DriverStorage, type FileInfo, type Storage, StorageError } from "@node-storages/core"

/** What is known of a file, or undefined where there is none. */
export async function statOrNothing(storage: Storage, name: string): Promise<FileInfo | undefined> {
  try {
    return await storage.stat(name)
  } catch (error) {
    if (StorageError.is(error, "not-found")) return undefined
    throw error
  }
}

/** Gives a file that has arrived its name, unless another call at the same time has done so. */
export async function moveToName(storage: Storage, pending: string, name: string): Promise<void> {
  try {
    await storage.move(pending, name, { ifAbsent: createsByCopy(storage) })
  } catch (error) {
    // Moved by another call, or sent again meanwhile: what lies under the name is looked at in any case.
    const isRace = ["not-found", "already-exists", "conflict"].some(
      (code) => StorageError.is(error) && error.code === code,
    )
    if (!isRace || !(await storage.exists(name))) throw error
  }
}

/** Whether the service itself refuses to move onto a file: elsewhere the bytes would come through here. */
function createsByCopy(storage: Storage): boolean {
  return storage instanceof DriverStorage && storage.driver.features.conditionalCopy
}
