import type { RemoveFailure } from "@node-storages/core"
import { throwIfAborted } from "@node-storages/core"
import { pool } from "@node-storages/core/adapter"
import { type Connection, objectPath } from "./connection.ts"
import { ServiceError } from "./gcs-errors.ts"

/** The service's limit on the calls of one batch. https://cloud.google.com/storage/docs/batch */
export const MOST_CALLS = 100

/** Failures that are tried once more, each on its own, at once. */
const CONCURRENCY = 8

/** Deletes by one batch request. What it could not do for the moment is tried once more, alone. */
export async function removeMany(
  connection: Connection,
  keys: readonly string[],
  signal: AbortSignal | undefined,
): Promise<RemoveFailure[]> {
  const failures: RemoveFailure[] = []
  const again: string[] = []
  for (const [index, { status, body }] of (await sendBatch(connection, keys, signal)).entries()) {
    const key = keys[index]!
    if (status === 404 || (status >= 200 && status < 300)) continue
    const error = ServiceError.ofPart(status, body)
    if (error.passing) again.push(key)
    else failures.push({ key, error })
  }
  await pool(again, CONCURRENCY, async (key) => {
    throwIfAborted(signal, "delete")
    try {
      await removeObject(connection, key, signal)
    } catch (error) {
      failures.push({ key, error })
    }
  })
  return failures
}

export async function removeObject(
  { api, settings }: Connection,
  key: string,
  signal: AbortSignal | undefined,
): Promise<number> {
  const path = objectPath(settings.bucket, key)
  return (await api.send({ method: "DELETE", path, signal, accept: [404] })).status
}

interface Part {
  readonly status: number
  readonly body: string
}

async function sendBatch(
  { api, settings }: Connection,
  keys: readonly string[],
  signal: AbortSignal | undefined,
): Promise<Part[]> {
  const boundary = "node-storages-batch"
  const query = settings.userProject === undefined ? "" : `?userProject=${encodeURIComponent(settings.userProject)}`
  const calls = keys.map(
    (key, index) =>
      `--${boundary}\r\ncontent-type: application/http\r\ncontent-id: <${index}>\r\n\r\n` +
      `DELETE ${objectPath(settings.bucket, key)}${query} HTTP/1.1\r\ncontent-length: 0\r\n\r\n\r\n`,
  )
  const { data, headers } = await api.send<string>({
    method: "POST",
    path: "/batch/storage/v1",
    headers: { "content-type": `multipart/mixed; boundary=${boundary}` },
    body: Buffer.from(`${calls.join("")}--${boundary}--\r\n`),
    signal,
  })
  return partsOf(data, headers.get("content-type") ?? "", keys.length)
}

/** The answers of a batch, in the order of its calls. */
function partsOf(text: string, contentType: string, count: number): Part[] {
  const boundary = /boundary="?([^";]+)"?/.exec(contentType)?.[1]
  const parts: Part[] = Array.from({ length: count }, () => ({ status: 500, body: "" }))
  if (boundary === undefined) throw new ServiceError("The answer to a batch is not in parts.", { status: 500 })
  for (const part of text.split(`--${boundary}`)) {
    const index = /^content-id:\s*<response-(\d+)>/im.exec(part)?.[1]
    const [, status] = /^HTTP\/[\d.]+ (\d{3})/m.exec(part) ?? []
    if (index === undefined || status === undefined || Number(index) >= count) continue
    const body = part.slice(part.indexOf("{") < 0 ? part.length : part.indexOf("{"), part.lastIndexOf("}") + 1)
    parts[Number(index)] = { status: Number(status), body }
  }
  return parts
}
