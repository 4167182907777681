import { DeleteObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3"
import { abortError, randomText, StorageError } from "@node-storages/core"
import { orAborted } from "@node-storages/core/adapter"
import { type Connection, targetOf } from "./connection.ts"
import { statusOf } from "./s3-errors.ts"
import type { ConditionalCreate } from "./s3-options.ts"

/**
 * What the service does with `If-None-Match: *`. A service that ignores it would overwrite in silence, so an unknown
 * one is asked once: the same object is created twice, and the second time must be refused.
 */
export class ConditionSupport {
  readonly #connection: () => Connection
  #known: Promise<ConditionalCreate> | undefined

  constructor(connection: () => Connection) {
    this.#connection = connection
  }

  /** @throws StorageError `unsupported` where the service has no conditional create */
  async create(key: string, signal: AbortSignal | undefined): Promise<ConditionalCreate> {
    const connection = this.#connection()
    const storage = targetOf(connection.settings)
    // Shared by all that save at once: nobody's signal ends it for the others.
    this.#known ??= this.#ask(connection, key)
    this.#known.catch(() => {
      this.#known = undefined
    })
    const support = await orAborted(this.#known, signal, (aborted) => abortError(aborted, "write"))
    if (support !== "none") return support
    throw new StorageError(
      "unsupported",
      `The service of ${storage} can't create only if absent (it ignores If-None-Match), so save() can't promise not to overwrite ` +
        `${JSON.stringify(key)}. Use save(…, { overwrite: true }) or write() with names that are unique.`,
      { operation: "write", storage, key },
    )
  }

  async #ask(connection: Connection, key: string): Promise<ConditionalCreate> {
    const { conditionalCreate } = connection.settings
    return conditionalCreate ?? (connection.compatible ? probe(connection, key) : "put-and-multipart")
  }
}

async function probe({ client, settings }: Connection, key: string): Promise<ConditionalCreate> {
  const directory = key.slice(0, key.lastIndexOf("/") + 1)
  const target = { Bucket: settings.bucket, Key: `${directory}.node-storages-probe-${randomText(12)}` }
  const put = () =>
    client.send(new PutObjectCommand({ ...target, Body: new Uint8Array(), ContentLength: 0, IfNoneMatch: "*" }))
  try {
    await put()
  } catch (error) {
    if (statusOf(error) === 501) return "none"
    throw error
  }
  try {
    await put()
    return "none"
  } catch (error) {
    if (statusOf(error) === 412) return "put"
    throw error
  } finally {
    await client.send(new DeleteObjectCommand(target)).catch(() => {})
  }
}
