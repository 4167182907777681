import type { PutBody } from "@node-storages/core"
import type { Handle, Session } from "./session.ts"
import { Window } from "./window.ts"

/** Bytes of one write: what every server must take (draft-ietf-secsh-filexfer-02, section 3), with the request's head. */
export const PIECE: number = 31 * 1024
/** Writes that are under way at once: 2 MiB, which is what OpenSSH lets a channel send before it answers. */
const MOST_WRITES = 64

/** Waits for a request, or gives up as soon as the caller's signal aborts. */
export type Wait = <Result>(work: Promise<Result>) => Promise<Result>

/** Writes the whole body. @returns its size in bytes @throws where a write fails, and what the body's stream throws */
export async function writeBody(session: Session, handle: Handle, body: PutBody, wait: Wait): Promise<number> {
  const writes = new Window()
  let position = 0
  const write = async (bytes: Uint8Array): Promise<void> => {
    for (let offset = 0; offset < bytes.byteLength; offset += PIECE) {
      const piece = bytes.subarray(offset, offset + PIECE)
      await wait(writes.until(MOST_WRITES - 1))
      // Copied into the request at once: the buffer is free again when this returns.
      writes.add(session.write(handle, Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength), position))
      position += piece.byteLength
    }
  }
  if (body.bytes) await write(body.bytes)
  else for await (const block of inBlocks(body.stream())) await write(block)
  await wait(writes.until(0))
  return position
}

/** Small chunks together in one block, which is used again; large ones as they are. */
async function* inBlocks(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const block = new Uint8Array(PIECE)
  let filled = 0
  for await (const chunk of chunks) {
    if (filled + chunk.byteLength > PIECE && filled > 0) {
      yield block.subarray(0, filled)
      filled = 0
    }
    if (chunk.byteLength >= PIECE) yield chunk
    else {
      block.set(chunk, filled)
      filled += chunk.byteLength
    }
  }
  if (filled > 0) yield block.subarray(0, filled)
}
