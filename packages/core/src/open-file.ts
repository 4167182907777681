import { callSignal } from "./call.ts"
import type { StorageDriver } from "./driver.ts"
import { StorageError } from "./errors.ts"
import { wrappedChunks } from "./lent-chunks.ts"
import type { CallOptions } from "./storage.ts"
import { StorageFile } from "./storage-file.ts"
import { wholeBytes } from "./whole-chunks.ts"

export function notFound(driver: StorageDriver, operation: string, key: string): StorageError {
  return new StorageError("not-found", `There is no file ${JSON.stringify(key)} in ${driver.target}.`, {
    operation,
    storage: driver.target,
    key,
  })
}

/** A lazy file over a driver. A body that ends early is an error, never a short success. */
export function openFile(driver: StorageDriver, key: string, options: CallOptions): StorageFile {
  return new StorageFile(key, {
    async stat() {
      const info = await driver.head(key, { signal: callSignal(options) })
      if (info === undefined) throw notFound(driver, "stat", key)
      return info
    },
    async read(range) {
      const signal = callSignal(options)
      if (range?.end !== undefined && range.end <= range.start) {
        const info = await driver.head(key, { signal })
        if (info === undefined) throw notFound(driver, "read", key)
        return { info, length: 0, chunks: nothing() }
      }
      const object = await driver.get(key, { range, signal })
      if (object === undefined) throw notFound(driver, "read", key)
      const { length, chunks } = object
      if (length === undefined || wholeBytes(chunks)?.byteLength === length) return object
      return { ...object, length, chunks: wrappedChunks(chunks, (each) => wholeBody(each, length, driver, key)) }
    },
  })
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

async function* wholeBody(
  chunks: AsyncIterable<Uint8Array>,
  length: number,
  driver: StorageDriver,
  key: string,
): AsyncGenerator<Uint8Array> {
  let received = 0
  for await (const chunk of chunks) {
    received += chunk.byteLength
    if (received > length) break
    yield chunk
  }
  if (received === length) return
  throw new StorageError(
    "network",
    `The body of ${JSON.stringify(key)} in ${driver.target} was ${received > length ? "longer than" : `cut short at ${received} of`} ` +
      `its ${length} bytes. What was read must not be used; read it again.`,
    { operation: "read", storage: driver.target, key },
  )
}
