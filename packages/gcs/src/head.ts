import type { Connection } from "./connection.ts"
import { objectPath } from "./connection.ts"
import { type ObjectResource, RESOURCE_FIELDS } from "./object-resource.ts"

/** The object's resource, or undefined where there is no such object (or bucket). */
export async function headObject(
  { api, settings }: Connection,
  key: string,
  signal: AbortSignal | undefined,
): Promise<ObjectResource | undefined> {
  const { status, data } = await api.send<ObjectResource>({
    method: "GET",
    path: objectPath(settings.bucket, key),
    query: { fields: RESOURCE_FIELDS },
    signal,
    accept: [404],
  })
  return status === 404 ? undefined : data
}
