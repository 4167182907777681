import type { CopyOptions, FileInfo } from "@node-storages/core"
import { commit, takenError } from "@node-storages/core/adapter"
import { type Connection, objectPath, targetOf } from "./connection.ts"
import { copyObject } from "./copy.ts"
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
    return source && (await moveObject(connection, source, to, options))
  } catch (error) {
    if (statusOf(error) !== 412 || !options.ifAbsent) throw error
    // Either name may have failed its condition: the old one, when it was replaced meanwhile.
    if (await headObject(connection, to, options.signal)) throw takenError(targetOf(connection.settings), to, error)
    throw error
  }
}

/** What a service answers that can't rename: an emulator, or a bucket of a kind that has no `objects.move`. */
const NO_RENAME: readonly (number | undefined)[] = [400, 405, 501]

/** Renames this version of an object. Undefined where it is not there any more. */
export async function moveObject(
  connection: Connection,
  source: ObjectResource,
  to: string,
  { ifAbsent, signal }: CopyOptions,
): Promise<FileInfo | undefined> {
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
    return infoOf(settings, data)
  } catch (error) {
    const status = statusOf(error)
    if (NO_RENAME.includes(status)) return copyAndRemove(connection, source, to, { ifAbsent, signal })
    if (status !== 404 && status !== 412) throw error
    const ours = await movedByLostAttempt(connection, source, to, error)
    if (ours) return infoOf(settings, ours)
    if (status === 404) return undefined
    throw error
  }
}

/** Where the service can't rename: the source is there until the copy is complete. */
async function copyAndRemove(
  connection: Connection,
  source: ObjectResource,
  to: string,
  options: CopyOptions,
): Promise<FileInfo | undefined> {
  const { api, settings } = connection
  const copied = await copyObject(connection, { bucket: settings.bucket, key: source.name }, to, options)
  if (copied) {
    await api.send({
      method: "DELETE",
      path: objectPath(settings.bucket, source.name),
      // Not a version that somebody else has stored meanwhile.
      query: { ifGenerationMatch: source.generation },
      accept: [404, 412],
      signal: options.signal,
    })
  }
  return copied
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
