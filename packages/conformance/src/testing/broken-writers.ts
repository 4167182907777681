import { type PutBody, throwIfAborted } from "@node-storages/core"
import type { BrokenDriver } from "./broken-drivers.ts"
import { BackendError } from "./backend-error.ts"
import { collected, pieces, turn } from "./reference-driver.ts"

function inMemory(bytes: Uint8Array): PutBody {
  return { size: bytes.byteLength, replayable: true, bytes, stream: () => pieces(bytes) }
}

/** Faults of `put`. */
export const BROKEN_WRITERS: readonly BrokenDriver[] = [
  {
    fault: "checks whether the key is taken, then puts",
    caughtBy: "races > concurrent saves of buffers",
    breaks: (honest) => ({
      async put(key, body, options) {
        const free = honest.freeKey(key, options)
        await turn()
        return honest.put(free, body, { ...options, ifAbsent: false })
      },
    }),
  },
  {
    fault: "ignores ifAbsent when the body is a stream",
    caughtBy: "save > chooses an alternative for a Node stream",
    breaks: (honest) => ({
      put: (key, body, options) => honest.put(key, body, body.bytes ? options : { ...options, ifAbsent: false }),
    }),
  },
  {
    fault: "ignores ifMatch when the body is a stream",
    caughtBy: "write > with ifMatch is refused with precondition-failed for another version",
    breaks: (honest) => ({
      put: (key, body, options) => honest.put(key, body, body.bytes ? options : { ...options, ifMatch: undefined }),
    }),
  },
  {
    fault: "reads a one-shot stream before it finds the key taken, and has no other key",
    caughtBy: "save > chooses an alternative for a web stream",
    breaks: (honest) => ({ put: (key, body, options) => honest.put(key, body, { ...options, nextKey: undefined }) }),
  },
  {
    fault: "leaves a partial file after a stream that fails",
    caughtBy: "failing content > a Node stream that fails in the middle rejects",
    breaks: (honest) => ({
      async put(key, body, options) {
        const chunks: Uint8Array[] = []
        try {
          for await (const chunk of body.stream()) chunks.push(chunk)
        } catch (error) {
          honest.store(key, new Uint8Array(Buffer.concat(chunks)), {})
          throw error
        }
        return honest.put(key, inMemory(Buffer.concat(chunks)), options)
      },
    }),
  },
  {
    fault: "hides why the source failed behind an error of its own, and stores what came",
    caughtBy: "failing content > a generator that fails in the middle leaves the old version",
    breaks: (honest) => ({
      async put(key, body, options) {
        const chunks: Uint8Array[] = []
        try {
          for await (const chunk of body.stream()) chunks.push(chunk)
        } catch {
          // Taken for the end.
        }
        return honest.put(key, inMemory(Buffer.concat(chunks)), options)
      },
    }),
  },
  {
    fault: "writes in place, so that readers see a part",
    caughtBy: "write > shows nothing under the name",
    breaks: (honest) => ({
      async put(key, body, options) {
        const chunks: Uint8Array[] = []
        for await (const chunk of body.stream()) {
          chunks.push(chunk)
          honest.store(key, new Uint8Array(Buffer.concat(chunks)), options)
        }
        return honest.put(key, inMemory(Buffer.concat(chunks)), options)
      },
    }),
  },
  {
    fault: "does not truncate when it overwrites",
    caughtBy: "write > replaces what is there",
    breaks: (honest) => ({
      async put(key, body, options) {
        const bytes = body.bytes ?? (await collected(body.stream()))
        const tail = honest.objects.get(key)?.bytes.subarray(bytes.byteLength) ?? new Uint8Array()
        return honest.put(key, inMemory(Buffer.concat([bytes, tail])), options)
      },
    }),
  },
  {
    fault: "commits after the abort",
    caughtBy: "cancel > a write of bytes that rejects with aborted",
    breaks: (honest) => ({
      async put(key, body, options) {
        const { signal, ...rest } = options
        const commit = turn()
          .then(turn)
          .then(turn)
          .then(() => honest.put(key, body, rest))
        commit.catch(() => {})
        const aborted = new Promise<never>((_, reject) => {
          signal?.addEventListener("abort", () => reject(new BackendError("aborted")))
        })
        return Promise.race([commit, aborted])
      },
    }),
  },
  {
    fault: "never closes the source, of which it takes no more than its limit",
    caughtBy: "failing content > a web stream that was stored is released",
    breaks: (honest) => ({
      async put(key, body, options) {
        if (body.bytes) return honest.put(key, body, options)
        const chunks = body.stream()[Symbol.asyncIterator]()
        const { value } = await chunks.next()
        return honest.put(key, inMemory(value ?? new Uint8Array()), options)
      },
    }),
  },
  {
    fault: "stores the whole buffer of a typed array",
    caughtBy: "content > write stores the slice that a Uint8Array shows",
    breaks: (honest) => ({
      put: (key, body, options) =>
        honest.put(key, body.bytes ? inMemory(new Uint8Array(body.bytes.buffer as ArrayBuffer)) : body, options),
    }),
  },
  {
    fault: "keeps the caller's buffer instead of its bytes",
    caughtBy: "content > what happens to a buffer after it was stored",
    breaks: (honest) => ({
      async put(key, body, options) {
        const info = await honest.put(key, body, options)
        if (body.bytes) honest.objects.set(key, { info, bytes: body.bytes as Uint8Array<ArrayBuffer> })
        return info
      },
    }),
  },
  {
    fault: "drops metadata in silence, though it declares it",
    caughtBy: "metadata > metadata comes back from stat",
    breaks: (honest) => ({ put: (key, body, options) => honest.put(key, body, { ...options, metadata: undefined }) }),
  },
  {
    fault: "drops Cache-Control of streams",
    caughtBy: "metadata > cacheControl comes back from stat",
    breaks: (honest) => ({
      put: (key, body, options) =>
        honest.put(key, body, body.bytes ? options : { ...options, cacheControl: undefined }),
    }),
  },
  {
    fault: "keeps the headers of the version before",
    caughtBy: "metadata > cacheControl is gone when the file is replaced",
    breaks: (honest) => ({
      put(key, body, options) {
        const { cacheControl } = honest.objects.get(key)?.info ?? {}
        return honest.put(key, body, {
          cacheControl,
          ...Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)),
          contentType: options.contentType,
        })
      },
    }),
  },
  {
    fault: "takes whatever is text for text/plain",
    caughtBy: "metadata > the content type is application/octet-stream where nothing tells it",
    breaks: (honest) => ({
      put(key, body, options) {
        const isUnknown = body.bytes && options.contentType === "application/octet-stream"
        return honest.put(key, body, isUnknown ? { ...options, contentType: "text/plain" } : options)
      },
    }),
  },
  {
    fault: "gives every version the same entity tag",
    caughtBy: "write > a new version has a new entity tag",
    breaks: (honest) => ({
      async put(key, body, options) {
        honest.version = 0
        return honest.put(key, body, options)
      },
    }),
  },
  {
    fault: "loses the last chunk of a stream",
    caughtBy: "content > a large Node stream of unknown length",
    breaks: (honest) => ({
      async put(key, body, options) {
        if (body.bytes) return honest.put(key, body, options)
        const chunks: Uint8Array[] = []
        for await (const chunk of body.stream()) chunks.push(chunk)
        throwIfAborted(options.signal, "put")
        return honest.put(key, inMemory(Buffer.concat(chunks.length > 1 ? chunks.slice(0, -1) : chunks)), options)
      },
    }),
  },
]
