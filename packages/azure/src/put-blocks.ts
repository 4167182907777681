import { type FileInfo, type PutOptions, StorageError } from "@node-storages/core"
import { azureErrorCode, serviceCodeOf } from "./azure-errors.ts"
import { BlockUpload } from "./block-upload.ts"
import type { Connection } from "./connection.ts"
import { Spool } from "./spool.ts"
import { taken } from "./taken.ts"

/** A body that is longer than a block. */
export interface LongBody {
  readonly stream: AsyncIterable<Uint8Array>
  readonly size: number | undefined
  /** Whether core can send the body again by itself. */
  readonly replayable: boolean
}

/**
 * Stores a body in blocks. Blocks belong to the name that they were staged under, and are gone once somebody else has
 * stored a blob of that name: who loses the race for a name, at the very end, can't commit his blocks under another one.
 * So a stream that can be read only once is written to a temporary file on its way, where a race can be lost: a name that
 * was made up just now has no rivals. A lost race sends the file again, under another name.
 *
 * @param madeUp whether the key is an alternative that nobody else will think of
 */
export async function putBlocks(
  connection: Connection,
  key: string,
  { stream, size, replayable }: LongBody,
  options: PutOptions,
  madeUp: boolean,
): Promise<FileInfo> {
  const { nextKey } = options
  const spool = options.ifAbsent && nextKey && !replayable && !madeUp ? await Spool.open() : undefined
  try {
    let target = key
    let content = spool ? spool.tee(stream) : stream
    for (;;) {
      try {
        return await new BlockUpload(connection, target, size, options).send(content)
      } catch (error) {
        if (!lostRace(error, options)) throw error
        if (!nextKey || !spool?.whole) throw taken(target, connection.settings.container, error)
        content = spool.read()
        target = nextKey()
      }
    }
  } finally {
    await spool?.close()
  }
}

/** Whether somebody else has taken the name: the service refuses the commit, or has dropped the blocks already. */
function lostRace(error: unknown, { ifAbsent }: PutOptions): boolean {
  if (!ifAbsent || StorageError.is(error)) return false
  const code = azureErrorCode(error)
  return code === "already-exists" || code === "precondition-failed" || serviceCodeOf(error) === "InvalidBlockList"
}
