import { type Progress, StorageError, utf8Length } from "@node-storages/core"
import { UploadError } from "../upload-error.ts"
import { checkFormOptions, type FormSettings, type ReceiveFormOptions } from "./form-options.ts"
import { type FormPart, FormParts } from "./form-parts.ts"
import { abortReason, type FormRequest, FormSource, goneError } from "./form-source.ts"
import { boundaryOf } from "./parameters.ts"
import { type FinishFile, type ReceivedFile, storeFile } from "./store-file.ts"
import { StoredFiles } from "./stored-files.ts"

/** A form that has arrived, its files stored. */
export interface ReceivedForm {
  /** The fields that are no files, in their order: `get(name)`, `getAll(name)`, and whatever else a URLSearchParams has. */
  readonly fields: URLSearchParams
  /** The files, in their order. Inputs in which no file was chosen are left out. */
  readonly files: readonly ReceivedFile[]
  /** The first file of a field. */
  file(field: string): ReceivedFile | undefined
  /**
   * Removes the files again: for a form that turns out to be wrong otherwise.
   * @throws StorageError `partial-failure`
   */
  discard(): Promise<void>
}

/**
 * Receives a form (`multipart/form-data`) and stores its files as they arrive: in constant memory, without temporary
 * files, and only as fast as the storage takes them. All or nothing: when anything fails, a limit is passed or the client
 * goes away, what the form has stored is removed again.
 * @throws UploadError for what the client did; its `status` is that of the answer that it deserves
 * @throws StorageError for what the storage did, for wrong options, and `aborted`
 */
export async function receiveForm(request: FormRequest, options: ReceiveFormOptions): Promise<ReceivedForm> {
  const settings = checkFormOptions(options)
  const source = new FormSource(request)
  const stored = new StoredFiles()
  const giveUp = new AbortController()
  const timer = setTimeout(() => giveUp.abort(tooSlow(settings.timeout)), settings.timeout)
  const forgetGone = source.whenGone(() => giveUp.abort(goneError()))
  const { signal: given } = settings
  const signal = given ? AbortSignal.any([given, giveUp.signal]) : giveUp.signal
  try {
    const { fields, files } = await new FormReader(source, settings, stored, signal).read()
    return {
      fields,
      files,
      file: (field) => files.find((file) => file.field === field),
      discard: () => stored.removeAll(undefined),
    }
  } catch (error) {
    const reason = signal.aborted ? abortReason(signal) : causeOf(error)
    source.abandon()
    await stored.removeAll(reason)
    throw reason
  } finally {
    clearTimeout(timer)
    forgetGone()
  }
}

/** What the client did wrong is more telling than what a storage made of it. */
export function causeOf(error: unknown): unknown {
  const cause: unknown = StorageError.is(error) ? error.cause : undefined
  return UploadError.is(cause) || StorageError.is(cause, "aborted") ? cause : error
}

function tooSlow(timeout: number): UploadError {
  return new UploadError("timeout", `The form took longer than ${timeout / 1000} seconds ("timeout"). Send it again.`)
}

class FormReader {
  readonly #source: FormSource
  readonly #settings: FormSettings
  readonly #stored: StoredFiles
  readonly #signal: AbortSignal
  readonly #fields = new URLSearchParams()
  readonly #files: FinishFile[] = []
  #loaded = 0
  #fieldCount = 0
  #fieldBytes = 0

  constructor(source: FormSource, settings: FormSettings, stored: StoredFiles, signal: AbortSignal) {
    this.#source = source
    this.#settings = settings
    this.#stored = stored
    this.#signal = signal
  }

  async read(): Promise<{ fields: URLSearchParams; files: readonly ReceivedFile[] }> {
    const { limits } = this.#settings
    const boundary = boundaryOf(this.#source.contentType)
    if ((this.#source.contentLength ?? 0) > limits.totalSize) throw this.#totalTooLarge()
    const parts = new FormParts(boundary, limits)
    const abort = () => parts.fail(abortReason(this.#signal))
    this.#signal.addEventListener("abort", abort, { once: true })
    try {
      if (this.#signal.aborted) abort()
      void parts.readFrom(() => this.#nextChunk())
      for (let part = await parts.next(); part; part = await parts.next()) {
        if (part.fileName === undefined) await this.#readField(part)
        else await this.#readFile(part, part.fileName)
      }
    } catch (error) {
      parts.fail(error)
      throw error
    } finally {
      this.#signal.removeEventListener("abort", abort)
    }
    const files: ReceivedFile[] = []
    for (const finish of this.#files) files.push(await finish())
    return { fields: this.#fields, files }
  }

  async #nextChunk(): Promise<Uint8Array | undefined> {
    const chunk = await this.#source.next(this.#signal, this.#settings.idleTimeout)
    if (chunk === undefined) return undefined
    this.#loaded += chunk.byteLength
    if (this.#loaded > this.#settings.limits.totalSize) throw this.#totalTooLarge()
    this.#report({ loaded: this.#loaded, total: this.#source.contentLength })
    return chunk
  }

  #report(progress: Progress): void {
    try {
      this.#settings.onProgress?.(progress)
    } catch (error) {
      const message = "receiveForm was cancelled because onProgress threw. Nothing was stored."
      throw new StorageError("aborted", message, { operation: "receiveForm", cause: error })
    }
  }

  async #readField({ field, chunks }: FormPart): Promise<void> {
    const { fields, fieldSize, fieldsSize } = this.#settings.limits
    if (++this.#fieldCount > fields) {
      const message = `The form has more than ${fields} fields. Send fewer, or raise "limits.fields".`
      throw new UploadError("too-many-fields", message, { field })
    }
    this.#fieldBytes += this.#checkFieldName(field)
    const value: Uint8Array[] = []
    let size = 0
    for await (const chunk of chunks) {
      size += chunk.byteLength
      this.#fieldBytes += chunk.byteLength
      if (size > fieldSize) throw fieldTooLarge(field, `is larger than ${fieldSize} bytes`, "fieldSize")
      if (this.#fieldBytes > fieldsSize) {
        throw fieldTooLarge(field, `makes all fields larger than ${fieldsSize} bytes`, "fieldsSize")
      }
      value.push(chunk)
    }
    this.#fields.append(field, new TextDecoder("utf-8", { ignoreBOM: true }).decode(Buffer.concat(value)))
  }

  async #readFile({ field, chunks }: FormPart, originalName: string): Promise<void> {
    const { files, fileSize } = this.#settings.limits
    this.#checkFieldName(field)
    const full = this.#files.length >= files
    if (full && originalName !== "") throw tooManyFiles(files, field)
    const incoming = {
      field,
      originalName,
      chunks: full ? refused(chunks, tooManyFiles(files, field)) : chunks,
      fields: this.#fields,
      fileSize,
      signal: this.#signal,
    }
    const finish = await storeFile(incoming, this.#settings, this.#stored)
    if (finish) this.#files.push(finish)
  }

  /** The name's size in bytes. */
  #checkFieldName(field: string): number {
    const { fieldNameSize } = this.#settings.limits
    const size = utf8Length(field)
    if (size <= fieldNameSize) return size
    throw fieldTooLarge(`${field.slice(0, 50)}…`, `has a name of more than ${fieldNameSize} bytes`, "fieldNameSize")
  }

  #totalTooLarge(): UploadError {
    const { totalSize } = this.#settings.limits
    const message = `The form is larger than ${totalSize} bytes. Send less at once, or raise "limits.totalSize".`
    return new UploadError("total-too-large", message)
  }
}

function fieldTooLarge(field: string, what: string, limit: string): UploadError {
  const message = `The field ${JSON.stringify(field)} ${what}. Send less, or raise "limits.${limit}".`
  return new UploadError("field-too-large", message, { field })
}

function tooManyFiles(files: number, field: string): UploadError {
  const message = `The form has more than ${files} files. Send fewer, or raise "limits.files".`
  return new UploadError("too-many-files", message, { field })
}

/** Of an input in which nobody has chosen a file nothing comes, and it is none too many. */
async function* refused(chunks: AsyncIterable<Uint8Array>, error: UploadError): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    if (chunk.byteLength > 0) throw error
    yield chunk
  }
}
