import { open } from "node:fs/promises"
import type { Room } from "../source.ts"

/** What the system reads in one call, and what Node's own `readFile` takes at most. */
const MOST_BYTES = 2 ** 31 - 1

/** A file as long as it was when it was opened. @throws Error of the system; for files of 2 GiB and more */
export async function readWholeFile(path: string, room?: Room): Promise<Uint8Array> {
  const file = await open(path)
  try {
    const { size } = await file.stat()
    if (size > MOST_BYTES) throw new Error("it has 2 GiB or more. Store it apart, with write() and a stream")
    await room?.(size)
    const bytes = Buffer.allocUnsafeSlow(size)
    let length = 0
    while (length < size) {
      const { bytesRead } = await file.read(bytes, length, size - length)
      if (bytesRead === 0) break
      length += bytesRead
    }
    return bytes.subarray(0, length)
  } finally {
    await file.close()
  }
}
