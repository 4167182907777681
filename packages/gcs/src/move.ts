import type { CopyOptions, FileInfo } from "@node-storages/core"
import { commit, takenError } from "@node-storages/core/adapter"
import { type Connection, objectPath, targetOf } from "./connection.ts"
import { attemptsOf, statusOf } from "./gcs-errors.ts"
import { headObject } from "./head.ts"
import { infoOf, type ObjectResource, RESOURCE_FIELDS } from "./object-resource.ts"

/** Renames an object atomically, and tells a taken name as such. Undefined where there is no source. */
export async function renameObject(
  connection: Connection,
  from: string,
  to: string,
  options: CopyOptions,
): Promise<FileInfo | undefined> {
  const source = await headObject(connection, from, options.signal)
  try {
    const moved = source && (await moveObject(connection, source, to, options))
    return moved && infoOf(connection.settings, moved)
  } catch (error) {
    if (statusOf(error) !== 412 || !options.ifAbsent) throw error
    // Either name may have failed its condition: the old one, when it was replaced meanwhile.
    if (await headObject(connection, to, options.signal)) throw takenError(targetOf(connection.settings), to, error)
    throw error
  }
}

/** Renames this version of an object. Undefined where it is not there any more. */
export async function moveObject(
  connection: Connection,
  source: ObjectResource,
  to: string,
  { ifAbsent, signal }: CopyOptions,
): Promise<ObjectResource | undefined> {
  const { api, settings } = connection
  try {
    const { data } = await commit(signal, (cut) =>
      api.send<ObjectResource>({
        method: "POST",
        path: `${objectPath(settings.bucket, source.name)}/moveTo/o/${encodeURIComponent(to)}`,
        query: {
          ifSourceGenerationMatch: source.generation,
          ifGenerationMatch: ifAbsent ? "0" : undefined,
          fields: RESOURCE_FIELDS,
        },
        signal: cut,
      }),
    )
    return data
  } catch (error) {
    const status = statusOf(error)
    if (status !== 404 && status !== 412) throw error
    const ours = await movedByLostAttempt(connection, source, to, error)
    if (ours) return ours
    if (status === 404) return undefined
    throw error
  }
}

/** The destination, where a request whose answer was lost has moved the object, and its repetition found it gone. */
async function movedByLostAttempt(
  connection: Connection,
  source: ObjectResource,
  to: string,
  error: unknown,
): Promise<ObjectResource | undefined> {
  if (attemptsOf(error) < 2) return undefined
  const left = await headObject(connection, source.name, undefined)
  if (left) return undefined
  const there = await headObject(connection, to, undefined)
  return there && there.crc32c === source.crc32c && there.size === source.size ? there : undefined
}
