import assert from "node:assert/strict"
import type { FileHeaders, FileInfo, Storage } from "@node-storages/core"
import { sampleBytes } from "../sample-bytes.ts"

export interface SampleFile {
  readonly name: string
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly headers: FileHeaders
}

const DIRECTORIES = ["", "a/", "a/deep/er/", "a-b/", "größe/", "日本語 🎉/", "100% & +more/"]
const TYPES = ["text/css; charset=utf-8", "image/png", "application/x-mine", "text/html"]
const MOST_BYTES = 3000

/** The file of this number: names of any script, sizes from nothing on, every header now and then. */
export function sampleFile(index: number): SampleFile {
  const size = index % 11 === 0 ? 0 : (index * 7919) % MOST_BYTES
  return {
    name: `${DIRECTORIES[index % DIRECTORIES.length]}file ${String(index).padStart(5, "0")}.bin`,
    bytes: sampleBytes(size, index + 1),
    headers: {
      contentType: TYPES[index % TYPES.length],
      cacheControl: `public, max-age=${index}`,
      ...(index % 2 === 0 && { contentDisposition: `attachment; filename="${index}.bin"` }),
      ...(index % 3 === 0 && { contentLanguage: "de-AT, en" }),
      ...(index % 5 === 0 && { contentEncoding: "br" }),
      metadata: { number: String(index), owner: "Zoë 日本語 🎉", quoted: '"a=b; c,  d" 100%' },
    },
  }
}

/** Stores that many files with headers and metadata, some at once. @returns their bytes together */
export async function fill(storage: Storage, count: number, concurrency = 16): Promise<number> {
  let [next, bytes] = [0, 0]
  const worker = async () => {
    while (next < count) {
      const file = sampleFile(next++)
      await storage.write(file.name, file.bytes, file.headers)
      bytes += file.bytes.byteLength
    }
  }
  await Promise.all(Array.from({ length: concurrency }, worker))
  return bytes
}

/** Holds that both storages have the same files: names, bytes, content types, headers and metadata. */
export async function expectSameFiles(one: Storage, other: Storage, concurrency = 16): Promise<void> {
  const [names, others] = [await namesIn(one), await namesIn(other)]
  assert.deepEqual(others, names)
  const left = names.values()
  const worker = async () => {
    for (const name of left) {
      const [ours, theirs] = [one.open(name), other.open(name)]
      assert.deepEqual(headersOf(await theirs.stat()), headersOf(await ours.stat()), name)
      assert.equal(Buffer.compare(await theirs.bytes(), await ours.bytes()), 0, `the bytes of ${name} differ`)
    }
  }
  await Promise.all(Array.from({ length: concurrency }, worker))
}

export async function namesIn(storage: Storage): Promise<string[]> {
  return Array.fromAsync(storage.list(), ({ name }) => name)
}

/** What a copy keeps: all but name, time and what the service makes of the bytes. */
function headersOf(info: FileInfo): Record<string, unknown> {
  const { name: _name, modified: _modified, etag: _etag, checksum: _checksum, metadata, ...kept } = info
  return { ...kept, metadata: { ...metadata } }
}
