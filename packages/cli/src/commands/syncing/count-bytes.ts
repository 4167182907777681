import { type Layer, passThrough, type PutBody } from "@node-storages/core"

/** A layer that tells of bytes as they go out: how many more, and, when a file is finished or begins anew, fewer. */
export function countBytes(tell: (change: number) => void): Layer {
  return (next) => {
    const members = passThrough(next)
    return {
      ...members,
      put: async (key, body, options) => {
        let sent = 0
        const add = (change: number): void => {
          sent += change
          tell(change)
        }
        const counted: PutBody = {
          size: body.size,
          replayable: body.replayable,
          bytes: body.bytes,
          async *stream() {
            add(-sent)
            for await (const chunk of body.stream()) {
              yield chunk
              add(chunk.byteLength)
            }
          },
        }
        try {
          return await members.put(key, counted, options)
        } finally {
          add(-sent)
        }
      },
    }
  }
}
