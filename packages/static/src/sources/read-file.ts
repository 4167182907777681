import { closeSync, fstatSync, openSync, readSync } from "node:fs"
import { open } from "node:fs/promises"
import { turnOfOthers } from "@node-storages/core/adapter"
import type { Room } from "../source.ts"

/** What the system reads in one call, and what Node's own `readFile` takes at most. */
const MOST_BYTES = 2 ** 31 - 1

/**
 * Files up to this many bytes are read synchronously: 5 to 10 µs where they are in the system's memory, and asynchronous
 * calls take 50 of the processor's time, in four turns of a thread. A collect consists of such reads, thousands of them.
 */
const READ_AT_ONCE = 256 * 1024

/** A file as long as it was when it was opened. @throws Error of the system; for files of 2 GiB and more */
export async function readWholeFile(path: string, room?: Room): Promise<Uint8Array> {
  await turnOfOthers()
  const descriptor = openSync(path, "r")
  try {
    const { size } = fstatSync(descriptor)
    if (size <= READ_AT_ONCE) {
      await room?.(size)
      return readAtOnce(descriptor, size)
    }
  } finally {
    closeSync(descriptor)
  }
  return readLargeFile(path, room)
}

function readAtOnce(descriptor: number, size: number): Uint8Array {
  const bytes = Buffer.allocUnsafeSlow(size)
  let length = 0
  while (length < size) {
    const bytesRead = readSync(descriptor, bytes, length, size - length, null)
    if (bytesRead === 0) break
    length += bytesRead
  }
  return bytes.subarray(0, length)
}

async function readLargeFile(path: string, room: Room | undefined): Promise<Uint8Array> {
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
