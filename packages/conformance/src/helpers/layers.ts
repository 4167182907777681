import { intercept, type Layer, passThrough } from "@node-storages/core"

/** A layer that writes down which members of the driver are called. */
export function countCalls(): { readonly layer: Layer; readonly calls: string[] } {
  const calls: string[] = []
  const asynchronous = intercept((call) => {
    calls.push(call.member)
    return call.run(call.signal)
  })
  const layer: Layer = (next) => {
    const { publicUrl } = next
    const counted = passThrough(asynchronous(next))
    if (!publicUrl) return counted
    return {
      ...counted,
      publicUrl: (key) => {
        calls.push("publicUrl")
        return publicUrl.call(next, key)
      },
    }
  }
  return { layer, calls }
}

/** A layer under which every body ends this many bytes early, as when a connection is closed. */
export function cutShort(missing: number): Layer {
  return (next) => {
    const members = passThrough(next)
    return {
      ...members,
      get: async (key, options) => {
        const object = await members.get(key, options)
        if (object?.length === undefined) return object
        return { ...object, chunks: firstBytes(object.chunks, object.length - missing) }
      },
    }
  }
}

async function* firstBytes(chunks: AsyncIterable<Uint8Array>, length: number): AsyncGenerator<Uint8Array> {
  let left = length
  for await (const chunk of chunks) {
    if (left <= 0) return
    yield chunk.subarray(0, left)
    left -= chunk.byteLength
  }
}
