import { BlobBatch } from "@azure/storage-blob"
import type { DriverCallOptions, RemoveFailure } from "@node-storages/core"
import { cancelledBy, type Connection } from "./connection.ts"

/** The service's limit on the requests of one batch. */
export const REMOVE_MANY_LIMIT = 256

/** Removes keys by one batch of the container, and answers with those that failed. Snapshots go with their blobs. */
export async function removeBatch(
  { client }: Connection,
  keys: readonly string[],
  { signal }: DriverCallOptions,
): Promise<readonly RemoveFailure[]> {
  const batch = new BlobBatch()
  // A batch takes no blob twice, and answers for the second one that it is missing.
  const once = [...new Set(keys)]
  for (const key of once) await batch.deleteBlob(client.getBlobClient(key), { deleteSnapshots: "include" })
  const { subResponses } = await client.getBlobBatchClient().submitBatch(batch, cancelledBy(signal))
  return once.flatMap((key, index) => {
    const answer = subResponses[index]
    // Where the batch itself was not understood there is one answer, for none of them.
    if (answer === undefined) return [{ key, error: new Error("The service gave no answer for it.") }]
    const { status, errorCode, statusMessage } = answer
    if (status < 300 || errorCode === "BlobNotFound") return []
    const error = new Error(statusMessage || errorCode || `The service answered ${status}.`)
    return [{ key, error: Object.assign(error, { code: errorCode, statusCode: status }) }]
  })
}
