import { createHash } from "node:crypto"
import { type FileInfo, intercept, type Layer, passThrough, type Storage, StorageError } from "@node-storages/core"
import { expect } from "vitest"
import { Publisher, type PublishedFile, type PublishOptions, type PublishReport } from "@node-storages/static"
import type { Encoding, Manifest, ManifestEntry } from "@node-storages/static"
import { StaticError, type StaticErrorCode } from "@node-storages/static"

/** A release as the pipeline hands it over: contents by plain names. */
export type Release = Readonly<Record<string, string>>

export interface ReleaseOptions {
  readonly cacheControl?: string
  /** Also under plain names. Default: true. */
  readonly plain?: boolean
  /** Encodings whose "compressed" siblings are published. */
  readonly encodings?: readonly Encoding[]
}

const ENDINGS = { br: ".br", gzip: ".gz", zstd: ".zst" } as const

export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

export function hashedName(name: string, text: string): string {
  const hash = createHash("sha256").update(text).digest("hex").slice(0, 12)
  return name.includes(".") ? name.replace(/(\.[^.]*)$/, `.${hash}$1`) : `${name}.${hash}`
}

/** The files and the manifest of a release. */
export function filesOf(
  release: Release,
  options: ReleaseOptions = {},
): { files: PublishedFile[]; manifest: Manifest } {
  const { cacheControl = "public", plain = true, encodings = [] } = options
  const files: PublishedFile[] = []
  const entries: [name: string, entry: ManifestEntry][] = []
  for (const [name, text] of Object.entries(release)) {
    const common = { contentType: "text/plain", cacheControl }
    for (const hashed of plain ? [true, false] : [true]) {
      const published = hashed ? hashedName(name, text) : name
      files.push({ ...common, name: published, bytes: bytesOf(text), hashed })
      for (const encoding of encodings) {
        files.push({ ...common, name: published + ENDINGS[encoding], bytes: bytesOf(`${encoding} ${text}`), hashed })
      }
    }
    const sizes = Object.fromEntries(encodings.map((encoding) => [encoding, `${encoding} ${text}`.length]))
    const integrity = `sha256-${createHash("sha256").update(text).digest("base64")}`
    const entry = { name: hashedName(name, text), size: text.length, integrity }
    entries.push([name, encodings.length > 0 ? { ...entry, encodings: sizes } : entry])
  }
  return { files, manifest: { version: 1, files: Object.fromEntries(entries) } }
}

/** A collect's part of publishing, one file after the other unless `concurrency` says otherwise. */
export async function publish(
  target: Storage,
  release: Release,
  options: PublishOptions & ReleaseOptions = {},
): Promise<PublishReport> {
  const { cacheControl, plain, encodings, ...rest } = options
  const given = {
    ...(cacheControl && { cacheControl }),
    ...(plain !== undefined && { plain }),
    ...(encodings && { encodings }),
  }
  const { files, manifest } = filesOf(release, given)
  const publisher = await Publisher.open(target, rest)
  for (const file of files) await publisher.publish(file)
  return publisher.finish(manifest)
}

/** Counts the calls of each member of the driver. */
export function counted(): { layer: Layer; calls: Record<string, number>; reset: () => void } {
  const calls: Record<string, number> = {}
  const layer = intercept((call) => {
    calls[call.member] = (calls[call.member] ?? 0) + 1
    return call.run(call.signal)
  })
  const reset = () => {
    for (const member of Object.keys(calls)) delete calls[member]
  }
  return { layer, calls, reset }
}

/** Throws instead of the n-th call, and at each one after it: the process is gone. From 0. */
export function killedAt(call: number, afterwards = false): { layer: Layer; reached: () => boolean } {
  let count = 0
  const layer = intercept(async (current) => {
    const index = count++
    // Killed while the answer was on its way: the call has been done.
    if (index === call && afterwards) await current.run(current.signal)
    if (index >= call) throw new Error("killed")
    return current.run(current.signal)
  })
  return { layer, reached: () => count > call }
}

/** As S3 does it: a listing tells neither headers nor digests, and the answer to a write does. */
export function likeS3(): Layer {
  return (next) => {
    const members = passThrough(next)
    const bare = ({ name, size, modified, etag }: FileInfo): FileInfo => ({ name, size, modified, etag })
    return {
      ...members,
      put: async (key, body, options) => ({ ...(await members.put(key, body, options)), checksum: { md5: "0" } }),
      page: async (options) => {
        const page = await members.page(options)
        return { ...page, files: page.files.map(bare) }
      },
    }
  }
}

/** As GCS and Azure do it: a listing tells the MD5. */
export function listsDigests(): Layer {
  return (next) => {
    const members = passThrough(next)
    const withDigest = async (info: FileInfo): Promise<FileInfo> => {
      const hash = createHash("md5")
      for await (const chunk of (await next.get(info.name, {}))!.chunks) hash.update(chunk)
      return { ...info, checksum: { md5: hash.digest("hex") } }
    }
    return {
      ...members,
      page: async (options) => {
        const page = await members.page(options)
        return { ...page, files: await Promise.all(page.files.map(withDigest)) }
      },
    }
  }
}

/** Writes with `ifMatch`, as services have them and disks don't. */
export function conditionalMatch(): Layer {
  let last: Promise<unknown> = Promise.resolve()
  return (next) => {
    const members = passThrough(next)
    const put: typeof members.put = async (key, body, { ifMatch, ...options }) => {
      if (ifMatch !== undefined && (await members.head(key, {}))?.etag !== ifMatch) {
        throw new StorageError("precondition-failed", "another version")
      }
      return members.put(key, body, options)
    }
    return {
      ...members,
      features: { ...members.features, conditionalMatch: true },
      put: (key, body, options) => {
        const result = last.then(() => put(key, body, options))
        last = result.catch(() => {})
        return result
      },
    }
  }
}

/** All files with their texts, by name; without the history unless asked. */
export async function contents(storage: Storage, history = false): Promise<Record<string, string>> {
  const texts: [name: string, text: string][] = []
  for await (const { name } of storage.list()) {
    if (history || !name.startsWith(".staticfiles/")) texts.push([name, await storage.open(name).text()])
  }
  return Object.fromEntries(texts)
}

/** The names of the manifests that are kept. */
export async function historyOf(storage: Storage): Promise<string[]> {
  return Object.keys(await contents(storage, true)).filter((name) => name.startsWith(".staticfiles/"))
}

/** The manifest and every file that it names are those of the release, with their bytes. */
export async function expectRelease(storage: Storage, release: Release): Promise<void> {
  const texts = await contents(storage)
  const { files } = JSON.parse(texts["staticfiles.json"]!) as Manifest
  expect(Object.keys(files).toSorted()).toEqual(Object.keys(release).toSorted())
  for (const [name, text] of Object.entries(release)) {
    expect([name, texts[files[name]!.name]]).toEqual([name, text])
  }
}

/** The StaticError that a promise rejects with. Anything else fails the test. */
export async function staticFailureOf(promise: Promise<unknown>, code: StaticErrorCode): Promise<StaticError> {
  const error: unknown = await promise.then(
    (value) => expect.fail(`It should have failed, and gave ${JSON.stringify(value)}.`),
    (reason: unknown) => reason,
  )
  if (!(error instanceof StaticError)) throw error
  expect(error.code).toBe(code)
  return error
}
