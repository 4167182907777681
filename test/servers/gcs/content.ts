/**
 * Bytes of objects. Small ones stay in memory; from 1 MiB they go to files of a temporary folder, so that a large upload
 * does not grow the process.
 */
import { createHash, randomUUID } from "node:crypto"
import { createReadStream, openSync, rmSync } from "node:fs"
import { mkdtemp, open, rm, type FileHandle } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Readable } from "node:stream"
import { crc32c, crc32cToBase64 } from "./crc32c.ts"

const LARGEST_IN_MEMORY = 1024 * 1024
const THOROUGHLY = { recursive: true, force: true, maxRetries: 10, retryDelay: 20 }

/** Written once, never changed. Held by as many objects as `retain()` was called; gone with the last `release()`. */
export interface Content {
  readonly size: number
  /** Base64, as the service shows them. */
  readonly md5: string
  readonly crc32c: string
  /** From `start` up to but not including `end`. What was opened can be read to its end, also after `release()`. */
  read(start?: number, end?: number): Readable
  retain(): void
  release(): void
}

export interface ContentWriter {
  readonly size: number
  write(bytes: Uint8Array): Promise<void>
  finish(): Promise<Content>
  /** Throws away what was written. */
  discard(): Promise<void>
}

export interface ContentFolder {
  writer(): ContentWriter
  remove(): Promise<void>
}

export async function openContentFolder(): Promise<ContentFolder> {
  const folder = await mkdtemp(join(tmpdir(), "node-storages-gcs-"))
  const removeAtExit = (): void => rmSync(folder, THOROUGHLY)
  process.once("exit", removeAtExit)
  return {
    writer: () => new Writer(join(folder, randomUUID())),
    remove: async () => {
      await rm(folder, THOROUGHLY)
      process.off("exit", removeAtExit)
    },
  }
}

class Writer implements ContentWriter {
  size = 0
  readonly #path: string
  readonly #md5 = createHash("md5")
  #crc32c = 0
  #inMemory: Buffer[] = []
  #file: FileHandle | undefined

  constructor(path: string) {
    this.#path = path
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.#md5.update(bytes)
    this.#crc32c = crc32c(bytes, this.#crc32c)
    this.size += bytes.length
    if (this.#file) return writeWhole(this.#file, bytes)
    // A copy: what the network hands out may be a small view of a large buffer.
    this.#inMemory.push(Buffer.from(bytes))
    if (this.size <= LARGEST_IN_MEMORY) return
    this.#file = await open(this.#path, "w")
    await writeWhole(this.#file, Buffer.concat(this.#inMemory))
    this.#inMemory = []
  }

  async finish(): Promise<Content> {
    await this.#file?.close()
    const hashes = { md5: this.#md5.digest("base64"), crc32c: crc32cToBase64(this.#crc32c) }
    const source = this.#file ? fileSource(this.#path) : memorySource(Buffer.concat(this.#inMemory))
    let holders = 0
    return {
      size: this.size,
      ...hashes,
      read: (start = 0, end = this.size) => (start >= end ? Readable.from([]) : source.read(start, end)),
      retain: () => (holders += 1),
      release: () => {
        holders -= 1
        if (holders <= 0) source.remove()
      },
    }
  }

  async discard(): Promise<void> {
    this.#inMemory = []
    await this.#file?.close()
    if (this.#file) await rm(this.#path, { force: true })
  }
}

interface Source {
  read(start: number, end: number): Readable
  remove(): void
}

function memorySource(bytes: Buffer): Source {
  return { read: (start, end) => Readable.from([bytes.subarray(start, end)]), remove: () => {} }
}

function fileSource(path: string): Source {
  return {
    // Opened here and now: the file may lose its name before the stream's first read.
    read: (start, end) => createReadStream(path, { fd: openSync(path, "r"), start, end: end - 1 }),
    remove: () => rmSync(path, { force: true }),
  }
}

async function writeWhole(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += (await file.write(bytes, at)).bytesWritten
}
