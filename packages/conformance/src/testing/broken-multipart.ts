import { type DriverMultipart, type FileInfo, passThrough } from "@node-storages/core"
import type { BrokenDriver } from "./broken-drivers.ts"
import type { ReferenceDriver } from "./reference-driver.ts"

/** The members as functions of their own. */
type BoundMultipart = {
  readonly [Member in keyof DriverMultipart]: DriverMultipart[Member] extends (...given: infer Given) => infer Result
    ? (this: void, ...given: Given) => Result
    : DriverMultipart[Member]
}

/** A fault of one member of an upload in parts. */
function breaking(change: (multipart: BoundMultipart, honest: ReferenceDriver) => Partial<DriverMultipart>) {
  return (honest: ReferenceDriver) => {
    const multipart = passThrough(honest).multipart!
    return { multipart: { ...multipart, ...change(multipart, honest) } }
  }
}

/** A file of all parts of an upload, in the order in which they arrived. */
function together(honest: ReferenceDriver, key: string, id: string): FileInfo {
  const { parts, headers } = honest.multipart.upload(key, id)
  const bytes = new Uint8Array(Buffer.concat([...parts.values()].map((part) => part.bytes)))
  honest.multipart.uploads.delete(id)
  return honest.store(key, bytes, headers)
}

/** Faults of `multipart`. */
export const BROKEN_MULTIPART: readonly BrokenDriver[] = [
  {
    fault: "puts parts together as they arrive",
    caughtBy: "multipart > makes the file of its parts in the order of their numbers",
    breaks: breaking((_, honest) => ({ complete: async (key, id) => together(honest, key, id) })),
  },
  {
    fault: "takes all parts, whichever are given",
    caughtBy: "multipart > is made of the parts that are given",
    breaks: breaking(({ parts, complete }) => ({
      complete: async (key, id, _, options) => complete(key, id, await parts(key, id, options), options),
    })),
  },
  {
    fault: "drops the headers of an upload",
    caughtBy: "multipart > has the headers and metadata that it was started with",
    breaks: breaking(({ start }) => ({ start: (key, { contentType }) => start(key, { contentType }) })),
  },
  {
    fault: "makes an empty file when an upload starts",
    caughtBy: "multipart > shows nothing before it is complete",
    breaks: breaking(({ start }, honest) => ({
      async start(key, options) {
        honest.store(key, new Uint8Array(), {})
        return start(key, options)
      },
    })),
  },
  {
    fault: "removes the old version when an upload starts",
    caughtBy: "multipart > leaves the old version until it is complete",
    breaks: breaking(({ start }, honest) => ({
      async start(key, options) {
        honest.objects.delete(key)
        return start(key, options)
      },
    })),
  },
  {
    fault: "tells parts as they arrived",
    caughtBy: "multipart > tells what has arrived",
    breaks: breaking((_, honest) => ({
      parts: async (key, id) => [...honest.multipart.upload(key, id).parts.values()],
    })),
  },
  {
    fault: "keeps what is aborted",
    caughtBy: "multipart > is gone when it is aborted",
    breaks: breaking(() => ({ abort: async () => {} })),
  },
  {
    fault: "completes an upload as often as it is told to",
    caughtBy: "multipart > is gone when it is complete",
    breaks: breaking(({ complete }, honest) => ({
      async complete(key, id, parts, options) {
        const upload = honest.multipart.upload(key, id)
        const info = await complete(key, id, parts, options)
        honest.multipart.uploads.set(id, upload)
        return info
      },
    })),
  },
  {
    fault: "deletes the file of an upload that it does not know",
    caughtBy: "multipart > that nobody has started is not-found",
    breaks: breaking(({ abort }, honest) => ({
      async abort(key, id, options) {
        if (!honest.multipart.uploads.has(id)) honest.objects.delete(key)
        return abort(key, id, options)
      },
    })),
  },
  {
    fault: "tells no parts of an upload that it does not know",
    caughtBy: "multipart > that nobody has started is not-found",
    breaks: breaking(({ parts }, honest) => ({
      parts: async (key, id, options) => (honest.multipart.uploads.has(id) ? parts(key, id, options) : []),
    })),
  },
  {
    fault: "knows uploads by their ids alone",
    caughtBy: "multipart > belongs to its name",
    breaks: breaking(({ parts }, honest) => ({
      parts: (key, id, options) => parts(honest.multipart.uploads.get(id)?.key ?? key, id, options),
    })),
  },
  {
    fault: "keeps one upload for each name",
    caughtBy: "multipart > does not mix with another upload of the same name",
    breaks: breaking(({ start }, honest) => ({
      async start(key, options) {
        const known = [...honest.multipart.uploads].find(([, upload]) => upload.key === key)
        return known ? known[0] : start(key, options)
      },
    })),
  },
  {
    fault: "does not sign the size of a part",
    caughtBy: "URLs of parts > take a part of exactly the signed size",
    breaks: breaking(({ signPart }) => ({
      signPart: (key, id, number, options) =>
        signPart(key, id, number, { ...options, size: undefined as unknown as number }),
    })),
  },
  {
    fault: "signs parts for ever",
    caughtBy: "URLs of parts > are refused when they have expired",
    breaks: breaking(({ signPart }) => ({
      signPart: (key, id, number, options) => signPart(key, id, number, { ...options, expiresIn: 1e9 }),
    })),
  },
  {
    fault: "signs the whole file for a part",
    caughtBy: "multipart > makes the file of its parts",
    breaks: breaking((_, honest) => ({
      signPart: (key, _id, _number, options) => honest.signedUpload(key, { ...options, contentType: "a/b" }),
    })),
  },
  {
    fault: "does not escape keys in the URLs of parts",
    caughtBy: 'multipart > stores "hash#fragment.txt"',
    breaks: breaking(({ signPart }) => ({
      async signPart(key, id, number, options) {
        const signed = await signPart("KEY", id, number, options)
        return { ...signed, url: signed.url.replace("KEY", key) }
      },
    })),
  },
]
