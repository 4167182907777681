import type { Readable } from "node:stream"
import { callbackify } from "node:util"
import { checkOptions } from "@node-storages/core"
import { UploadError } from "../upload-error.ts"
import { checkFileOptions, FILE_OPTIONS, type FileOptions, type FileSettings } from "./file-options.ts"
import { causeOf } from "./receive-form.ts"
import { type ReceivedFile, storeFile } from "./store-file.ts"
import { StoredFiles } from "./stored-files.ts"

/** What multer hands over of a file. */
export interface MulterFile {
  readonly fieldname: string
  readonly originalname: string
  readonly stream: Readable
}

/** What `req.file` and `req.files` have besides, as multer's own engines name it and as `receiveForm` does. */
export interface MulterFileInfo extends Omit<ReceivedFile, "field" | "originalName"> {
  /** The name in the storage. */
  readonly filename: string
  /** The media type, by the file's bytes: it replaces the client's word. */
  readonly mimetype: string
}

/** A storage engine of multer 2. */
export interface MulterStorage {
  _handleFile(
    request: { readonly body?: unknown },
    file: MulterFile,
    callback: (error?: unknown, info?: Partial<MulterFileInfo>) => void,
  ): void
  _removeFile(request: unknown, file: object, callback: (error: Error | null) => void): void
}

/**
 * A storage engine for multer: `multer({ storage: multerStorage({ storage: media }) })`. Limits of size and count are
 * multer's own (`limits`).
 * @throws StorageError `invalid-option`
 */
export function multerStorage(options: FileOptions): MulterStorage {
  checkOptions("multerStorage()", options, FILE_OPTIONS)
  return new Engine(checkFileOptions("multerStorage()", options))
}

/** What the engine created for a file: multer hands over a copy of it when it is to be removed. */
const STORED = Symbol("stored")
interface Tracked {
  readonly [STORED]: StoredFiles
}

class Engine implements MulterStorage {
  readonly #settings: FileSettings

  constructor(settings: FileSettings) {
    this.#settings = settings
  }

  _handleFile(
    request: { readonly body?: unknown },
    file: MulterFile,
    callback: (error?: unknown, info?: Partial<MulterFileInfo>) => void,
  ): void {
    callbackify(async () => this.#store(request, file))(callback)
  }

  _removeFile(_request: unknown, file: object, callback: (error: Error | null) => void): void {
    callbackify(async () => (file as Partial<Tracked>)[STORED]?.removeAll(undefined))(callback)
  }

  async #store({ body }: { readonly body?: unknown }, file: MulterFile): Promise<MulterFileInfo & Tracked> {
    const stored = new StoredFiles()
    const { fieldname: field, originalname: originalName } = file
    const chunks = uncut(file)
    try {
      // A name that is empty is one that the client has not given: multer has left out inputs without a file.
      const incoming = {
        field,
        originalName: originalName || "file",
        chunks,
        fields: fieldsOf(body),
        fileSize: Infinity,
      }
      const finish = await storeFile(incoming, this.#settings, stored)
      const received = await finish!()
      const { storage } = received
      const { field: _, originalName: __, ...info } = received
      // Enumerable, as multer makes a copy of what it is given.
      return { ...info, storage, filename: info.name, mimetype: info.contentType, [STORED]: stored }
    } catch (error) {
      await stored.removeAll(error)
      throw causeOf(error)
    }
  }
}

/** The file's bytes; of one that multer cuts off at its limit the end is an error, so that it is not stored. */
async function* uncut({ stream, fieldname }: MulterFile): AsyncGenerator<Uint8Array> {
  yield* stream as AsyncIterable<Uint8Array>
  if ((stream as { truncated?: boolean }).truncated !== true) return
  const message = "The file is larger than multer's limits.fileSize. Send a smaller one, or raise it."
  throw new UploadError("file-too-large", message, { field: fieldname })
}

function fieldsOf(body: unknown): URLSearchParams {
  const fields = new URLSearchParams()
  if (typeof body !== "object" || body === null) return fields
  for (const [name, value] of Object.entries(body) as [string, unknown][]) {
    for (const text of Array.isArray(value) ? (value as unknown[]) : [value]) {
      if (typeof text === "string") fields.append(name, text)
    }
  }
  return fields
}
