import { createHash } from "node:crypto"
import { StorageError } from "@node-storages/core"
import { TemporaryFile } from "@node-storages/core/adapter"
import { LARGEST_PUT } from "./s3-options.ts"

/** A stream of unknown length in a temporary file, so that it can be sent (again) as one request. */
export interface Spool {
  readonly file: TemporaryFile
  readonly size: number
  readonly md5: Uint8Array
}

export async function spool(stream: AsyncIterable<Uint8Array>): Promise<Spool> {
  const file = await TemporaryFile.open()
  try {
    const md5 = createHash("md5")
    for await (const chunk of stream) {
      if (file.size + chunk.byteLength > LARGEST_PUT) throw tooLarge()
      md5.update(chunk)
      await file.append(chunk)
    }
    return { file, size: file.size, md5: md5.digest() }
  } catch (error) {
    await file.close()
    throw error
  }
}

function tooLarge(): StorageError {
  return new StorageError(
    "unsupported",
    "This service can't create a file of more than 5 GiB only if it is absent (see the option conditionalCreate). " +
      "Nothing was stored. Use a unique name with save(…, { overwrite: true }) or write().",
  )
}
