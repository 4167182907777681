import type { Handle, Session } from "./session.ts"
import { Window } from "./window.ts"
import { PIECE, type Wait } from "./write-body.ts"

/** Bytes that the server copies in one request: few enough that its answer comes long before it counts as lost. */
const SERVER_PIECE = 64 * 1024 * 1024
/** Pieces that are under way at once, where the bytes pass through here. */
const MOST_PIECES = 32

/** Copies an open file into another one: on the server where it can do that, else through this process. */
export async function copyBytes(session: Session, from: Handle, to: Handle, size: number, wait: Wait): Promise<void> {
  for (let position = 0; position < size; position += SERVER_PIECE) {
    const copying = session.copyData(from, position, Math.min(SERVER_PIECE, size - position), to)
    if (copying === undefined) return copyThrough(session, from, to, size, wait)
    await wait(copying)
  }
}

async function copyThrough(session: Session, from: Handle, to: Handle, size: number, wait: Wait): Promise<void> {
  const pieces = new Window()
  for (let position = 0; position < size; position += PIECE) {
    await wait(pieces.until(MOST_PIECES - 1))
    pieces.add(copyPiece(session, from, to, position, Math.min(PIECE, size - position)))
  }
  await wait(pieces.until(0))
}

async function copyPiece(session: Session, from: Handle, to: Handle, start: number, length: number): Promise<void> {
  const buffer = Buffer.allocUnsafeSlow(length)
  for (let done = 0; done < length;) {
    const count = await session.read(from, buffer, 0, length - done, start + done)
    if (count === 0) throw new Error("The file became shorter while it was copied.")
    await session.write(to, buffer.subarray(0, count), start + done)
    done += count
  }
}
