import type { BrokenDriver } from "./broken-drivers.ts"

/** Faults of `copy` and `move`. */
export const BROKEN_COPIES: readonly BrokenDriver[] = [
  {
    fault: "drops metadata when it copies",
    caughtBy: "copy > carries content type and headers along",
    breaks: (honest) => ({
      async copy(from, to, options) {
        const info = await honest.copy(from, to, options)
        return info && honest.store(to, honest.objects.get(to)!.bytes, { contentType: info.contentType })
      },
    }),
  },
  {
    fault: "makes an empty file of a copy of nothing",
    caughtBy: "copy > of a missing file is not-found",
    breaks: (honest) => ({
      copy: async (from, to, options) =>
        (await honest.copy(from, to, options)) ?? honest.store(to, new Uint8Array(), {}),
    }),
  },
  {
    fault: "ignores ifAbsent when it copies",
    caughtBy: "copy > with ifAbsent copies to a free name",
    breaks: (honest) => ({ copy: (from, to) => honest.copy(from, to, {}) }),
  },
  {
    fault: "leaves the source when it moves",
    caughtBy: "move > moves the bytes and removes the source",
    breaks: (honest) => ({ move: (from, to, options) => honest.copy(from, to, options) }),
  },
  {
    fault: "removes the source though the target was taken",
    caughtBy: "move > with ifAbsent moves to a free name",
    breaks: (honest) => ({
      move: (from, to, options) => honest.copy(from, to, options).finally(() => honest.objects.delete(from)),
    }),
  },
]

/** Faults of `place` and `copyFrom`. */
export const BROKEN_COPIES_BETWEEN: readonly BrokenDriver[] = [
  {
    fault: "looks for the source in its own bucket",
    caughtBy: "copy between storages > takes the source from where it is",
    breaks: (honest) => ({ copyFrom: ({ key }, to, options) => honest.copy(key, to, options) }),
  },
  {
    fault: "tells the same bucket for every place",
    caughtBy: "copy between storages > takes the source from where it is",
    breaks: () => ({ place: (key) => ({ service: "reference", bucket: "0", key }) }),
  },
  {
    fault: "drops metadata when it copies from another storage",
    caughtBy: "copy between storages > is made by the service, with bytes, headers and metadata",
    breaks: (honest) => ({
      async copyFrom(from, to, options) {
        const info = await honest.copyFrom(from, to, options)
        return info && honest.store(to, honest.objects.get(to)!.bytes, { contentType: info.contentType })
      },
    }),
  },
  {
    fault: "makes an empty file of a copy of nothing from another storage",
    caughtBy: "copy between storages > of a missing file",
    breaks: (honest) => ({
      copyFrom: async (from, to, options) =>
        (await honest.copyFrom(from, to, options)) ?? honest.store(to, new Uint8Array(), {}),
    }),
  },
  {
    fault: "calls itself another service each time",
    caughtBy: "copy between storages > is made by the service",
    breaks: (honest) => {
      const service = `reference ${Math.random()}`
      return { place: (key) => ({ ...honest.place(key)!, service }) }
    },
  },
  {
    fault: "escapes keys of sources once too often",
    caughtBy: "copy between storages > takes odd names",
    breaks: (honest) => ({
      copyFrom: (from, to, options) => honest.copyFrom({ ...from, key: encodeURI(from.key) }, to, options),
    }),
  },
]

/** Faults of `signedUrl` and `signedUpload`. */
export const BROKEN_URLS: readonly BrokenDriver[] = [
  {
    fault: "does not escape keys in URLs",
    caughtBy: 'urls > the signed URL of "hash#fragment.txt"',
    breaks: (honest) => ({
      signedUrl: async (key, options) => (await honest.signedUrl("KEY", options)).replace("KEY", key),
    }),
  },
  {
    fault: "signs without a look at when the signature begins",
    caughtBy: "urls > a signed URL that has expired is refused",
    breaks: (honest) => ({ signedUrl: (key, options) => honest.signedUrl(key, { ...options, signedAt: new Date() }) }),
  },
  {
    fault: "does not round signatures",
    caughtBy: "urls > signed URLs are the same within a rounding window",
    breaks: (honest) => ({ signedUrl: (key, options) => honest.signedUrl(key, { ...options, signedAt: new Date() }) }),
  },
  {
    fault: "leaves the download name out of the URL",
    caughtBy: "urls > a download name arrives",
    breaks: (honest) => ({
      signedUrl: (key, options) => honest.signedUrl(key, { ...options, contentDisposition: undefined }),
    }),
  },
  {
    fault: "gives public URLs as signed ones",
    caughtBy: "urls > a signed URL that has expired is refused",
    breaks: (honest) => ({ signedUrl: async (key) => `${honest.publicUrl(key)}?signature=x` }),
  },
  {
    fault: "drops the largest size of an upload in silence",
    caughtBy: "signedUpload > a smaller file than maxSize is taken",
    breaks: (honest) => ({
      signedUpload: (key, options) => honest.signedUpload(key, { ...options, maxSize: undefined }),
    }),
  },
  {
    fault: "signs uploads for ever",
    caughtBy: "signedUpload > an upload that has expired is refused",
    breaks: (honest) => ({
      signedUpload: (key, options) => honest.signedUpload(key, { ...options, expiresIn: 1e9 }),
    }),
  },
]
