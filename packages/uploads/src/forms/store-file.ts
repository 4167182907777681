import { createHash, type Hash } from "node:crypto"
import {
  type Checksums,
  contentDisposition,
  OCTET_STREAM,
  randomText,
  type Storage,
  StorageError,
} from "@node-storages/core"
import { cleanName, type NamedFile, nameBy, namesByHash } from "../names.ts"
import { isAllowed } from "../types/allowed-types.ts"
import { type DetectedType, detectType, SAMPLE_BYTES } from "../types/detect-type.ts"
import { withRightExtension } from "../types/extensions.ts"
import { UploadError } from "../upload-error.ts"
import type { FileSettings } from "./file-options.ts"
import type { StoredFiles } from "./stored-files.ts"

/** Where files lie whose names are made of their content, until all of it is there. */
const PENDING = ".uploads/"

/** A file that is stored. */
export interface ReceivedFile {
  /** The name of the form's field. */
  readonly field: string
  /**
   * The storage that the file is in. Not enumerable: what is sent to the client or printed does not tell where files are
   * kept, and a copy by spreading is without it.
   */
  readonly storage: Storage
  /** Its name there. */
  readonly name: string
  /** The client's name for it, as it gave it: never a path to use. */
  readonly originalName: string
  /** In bytes. */
  readonly size: number
  /** The media type, by the file's bytes. */
  readonly contentType: string
  /** Whether browsers run what is in it (HTML, SVG, XML): it is stored with `Content-Disposition: attachment`. */
  readonly active: boolean
  /** The digests of the option `checksums`. */
  readonly checksum: Checksums
}

/** A file on its way. */
export interface IncomingFile {
  readonly field: string
  readonly originalName: string
  readonly chunks: AsyncIterable<Uint8Array>
  readonly fields: URLSearchParams
  /** In bytes. */
  readonly fileSize: number
  readonly signal?: AbortSignal | undefined
}

/** A file whose bytes are stored: what is left is to give it its final name. */
export type FinishFile = () => Promise<ReceivedFile>

/**
 * Stores a file, in constant memory: its type is decided by its beginning, before anything is stored.
 * @returns undefined where there is none: a file input in which nobody has chosen a file
 */
export async function storeFile(
  incoming: IncomingFile,
  settings: FileSettings,
  stored: StoredFiles,
): Promise<FinishFile | undefined> {
  const byHash = namesByHash(settings.name)
  const checksums = byHash ? [...new Set([...settings.checksums, "sha256" as const])] : settings.checksums
  const bytes = new CheckedBytes(incoming, checksums)
  const sample = await bytes.begin()
  if (sample.byteLength === 0 && incoming.originalName === "") return undefined
  const detected = await detectType(sample, cleanName(incoming.originalName))
  const file = describe(incoming, detected, settings)
  const storage = await settings.storageFor(file)
  if (storage === undefined) {
    const message = `The form has a file in the field ${JSON.stringify(file.field)}, where none is expected. Send it without.`
    throw new UploadError("unexpected-file", message, { field: file.field })
  }
  const name = byHash ? `${PENDING}${randomText(32)}` : await nameBy(settings.name, file)
  const { signal } = incoming
  const headers = { ...headersFor(storage, file, detected), metadata: settings.metadataFor(file) }
  const savedName = await storage.save(name, bytes.whole ?? bytes.stream(), { ...headers, signal })
  stored.add(storage, savedName)
  return async () => {
    const digests = bytes.digests()
    const finalName = byHash
      ? await moveByHash(storage, savedName, await nameBy(settings.name, file, digests.sha256), stored, signal)
      : savedName
    const { field, originalName } = incoming
    const checksum = Object.fromEntries(settings.checksums.map((algorithm) => [algorithm, digests[algorithm]]))
    const { type: contentType, active } = detected
    const { size } = bytes
    const received: ReceivedFile = {
      field,
      storage,
      name: finalName,
      originalName,
      size,
      contentType,
      active,
      checksum,
    }
    return Object.defineProperty(received, "storage", { enumerable: false })
  }
}

function describe(
  { field, originalName, fields }: IncomingFile,
  detected: DetectedType,
  settings: FileSettings,
): NamedFile {
  const allowed = settings.typesFor(field)
  const given = JSON.stringify(originalName)
  if (!isAllowed(detected.type, allowed)) {
    const message = `The file ${given} is ${detected.type} by its bytes. Allowed are: ${allowed!.join(", ") || "none"}.`
    throw new UploadError("type-not-allowed", message, { field })
  }
  const { name, changed } = withRightExtension(cleanName(originalName), detected)
  if (changed && settings.refuseWrongExtension) {
    const message = `The file ${given} is ${detected.type} by its bytes, which its extension denies. Give it the right one.`
    throw new UploadError("type-not-allowed", message, { field })
  }
  return { field, originalName, name, contentType: detected.type, fields }
}

/** What browsers run is downloaded, not shown; where a storage can't tell them to, it is stored as bytes of no type. */
function headersFor(storage: Storage, file: NamedFile, { type, active }: DetectedType): Record<string, string> {
  if (!active) return { contentType: type }
  const { driver } = storage as { driver?: { features?: { contentDisposition?: boolean } } }
  if (driver?.features?.contentDisposition === false) return { contentType: OCTET_STREAM }
  return { contentType: type, contentDisposition: contentDisposition("attachment", file.name) }
}

async function moveByHash(
  storage: Storage,
  from: string,
  to: string,
  stored: StoredFiles,
  signal: AbortSignal | undefined,
): Promise<string> {
  try {
    const { name } = await storage.move(from, to, { ifAbsent: true, signal })
    stored.add(storage, name)
  } catch (error) {
    // The same content is there already. It belongs to others too: this form does not remove it.
    if (!StorageError.is(error, "already-exists")) throw error
    await storage.delete(from, { signal })
  }
  stored.forget(storage, from)
  return to
}

/** The bytes of a file on their way: counted, limited, digested. */
class CheckedBytes {
  size = 0
  /** All of them, where the beginning was all. */
  whole: Uint8Array | undefined
  readonly #incoming: IncomingFile
  readonly #hashes: readonly (readonly [keyof Checksums, Hash])[]
  readonly #head: Uint8Array[] = []
  #rest: AsyncIterator<Uint8Array> | undefined

  constructor(incoming: IncomingFile, checksums: readonly (keyof Checksums)[]) {
    this.#incoming = incoming
    this.#hashes = checksums.map((algorithm) => [algorithm, createHash(algorithm)] as const)
  }

  /** Reads as much of the beginning as decides about the type. */
  async begin(): Promise<Uint8Array> {
    this.#rest = this.#incoming.chunks[Symbol.asyncIterator]()
    let ended = false
    while (!ended && this.size < SAMPLE_BYTES) {
      const chunk = await this.#next()
      if (chunk) this.#head.push(chunk)
      else ended = true
    }
    const sample = this.#head.length === 1 ? this.#head[0]! : Buffer.concat(this.#head)
    if (ended) this.whole = sample
    return sample
  }

  async *stream(): AsyncGenerator<Uint8Array> {
    try {
      yield* this.#head.splice(0)
      for (let chunk = await this.#next(); chunk; chunk = await this.#next()) yield chunk
    } finally {
      await this.#rest?.return?.()
    }
  }

  digests(): Checksums {
    return Object.fromEntries(this.#hashes.map(([algorithm, hash]) => [algorithm, hash.digest("hex")]))
  }

  async #next(): Promise<Uint8Array | undefined> {
    const { done, value } = await this.#rest!.next()
    if (done === true) return undefined
    this.size += value.byteLength
    const { fileSize, field, originalName } = this.#incoming
    if (this.size > fileSize) {
      const message = `The file ${JSON.stringify(originalName)} is larger than ${fileSize} bytes. Send a smaller one, or raise "limits.fileSize".`
      throw new UploadError("file-too-large", message, { field })
    }
    for (const [, hash] of this.#hashes) hash.update(value)
    return value
  }
}
