import type { CopyOptions, FileInfo, ObjectPlace } from "@node-storages/core"
import { commit, takenError } from "@node-storages/core/adapter"
import { type Connection, objectPath, targetOf } from "./connection.ts"
import { gcsErrorCode, statusOf } from "./gcs-errors.ts"
import { headObject } from "./head.ts"
import { infoOf, type ObjectResource, RESOURCE_FIELDS } from "./object-resource.ts"

interface Rewrite {
  readonly done: boolean
  readonly rewriteToken?: string
  readonly resource?: ObjectResource
}

/**
 * Copies by the service, also from another bucket: one call where it need not move bytes, else as many as it asks for.
 * Undefined where there is no source. https://cloud.google.com/storage/docs/json_api/v1/objects/rewrite
 */
export async function copyObject(
  connection: Connection,
  from: Pick<ObjectPlace, "bucket" | "key">,
  to: string,
  { ifAbsent, signal }: CopyOptions,
): Promise<FileInfo | undefined> {
  const { api, settings } = connection
  const { storageClass, kmsKeyName } = settings.objectParameters(to)
  // A body replaces the whole resource: without one everything is kept.
  let body: object | undefined
  if (storageClass !== undefined) {
    const source = await headObject({ ...connection, settings: { ...settings, bucket: from.bucket } }, from.key, signal)
    if (!source) return undefined
    body = { ...keptFields(source), storageClass }
  }
  let rewriteToken: string | undefined
  for (;;) {
    try {
      const { data } = await commit(signal, (cut) =>
        api.send<Rewrite>({
          method: "POST",
          path: `${objectPath(from.bucket, from.key)}/rewriteTo/b/${encodeURIComponent(settings.bucket)}/o/${encodeURIComponent(to)}`,
          query: {
            rewriteToken,
            ifGenerationMatch: ifAbsent ? "0" : undefined,
            destinationPredefinedAcl: settings.predefinedAcl,
            destinationKmsKeyName: kmsKeyName,
            fields: `done,rewriteToken,resource(${RESOURCE_FIELDS})`,
          },
          body,
          signal: cut,
        }),
      )
      if (data.done && data.resource) return infoOf(settings, data.resource)
      rewriteToken = data.rewriteToken
    } catch (error) {
      if (statusOf(error) === 404 && gcsErrorCode(error) === "not-found") return undefined
      if (ifAbsent && statusOf(error) === 412) throw takenError(targetOf(settings), to, error)
      throw error
    }
  }
}

function keptFields(source: ObjectResource): Partial<ObjectResource> {
  const { name: _, size: __, generation: ___, timeCreated: ____, md5Hash: _____, crc32c: ______, ...kept } = source
  return kept
}
