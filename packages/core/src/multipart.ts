import { CheckedBody } from "./body.ts"
import { callSignal } from "./call.ts"
import { checkOptions, type OptionNames } from "./check-options.ts"
import { type ContentInput, toContent } from "./content.ts"
import type { DriverMultipart, PartLimits, SignedUpload, StorageDriver, UploadedPart } from "./driver.ts"
import { type Duration, seconds } from "./duration.ts"
import { StorageError } from "./errors.ts"
import { unsupported } from "./feature-gate.ts"
import type { FileInfo } from "./file-info.ts"
import { CALL_OPTIONS } from "./option-names.ts"
import { uploadHeaders } from "./put-headers.ts"
import { signatureWindow } from "./storage-options.ts"
import type { CallOptions } from "./storage.ts"
import { wholeNumber } from "./whole-number.ts"

export interface MultipartUploadOptions extends CallOptions {
  /** Default: by the name's extension. */
  readonly contentType?: string | undefined
  readonly cacheControl?: string | undefined
  readonly contentDisposition?: string | undefined
  readonly metadata?: Readonly<Record<string, string>> | undefined
}

export interface SignPartOptions extends CallOptions {
  /** The exact size of this part in bytes, enforced by the service where it can. */
  readonly size: number
  /** How long the part can be sent. Default: 1 hour. */
  readonly expiresIn?: Duration | undefined
}

export interface StorePartOptions extends CallOptions {
  /** The exact size of this part in bytes. Default: as many as the content has. */
  readonly size?: number | undefined
}

export const MULTIPART_OPTIONS: OptionNames<MultipartUploadOptions> = {
  ...CALL_OPTIONS,
  contentType: true,
  cacheControl: true,
  contentDisposition: true,
  metadata: true,
}
const SIGN_PART_OPTIONS: OptionNames<SignPartOptions> = { ...CALL_OPTIONS, size: true, expiresIn: true }
const STORE_PART_OPTIONS: OptionNames<StorePartOptions> = { ...CALL_OPTIONS, size: true }
const DEFAULT_EXPIRY = 3600
/** In characters: more than any service's, and little enough for a URL. */
const LONGEST_ID = 4096

/** The driver's part uploads, or the error that it has none. */
function multipartOf(driver: StorageDriver): DriverMultipart {
  if (driver.multipart) return driver.multipart
  throw unsupported(driver.target, "multipart uploads", "Use signedUpload(), or let the upload pass through the app.")
}

export async function startMultipart(
  driver: StorageDriver,
  key: string,
  options: MultipartUploadOptions,
): Promise<MultipartUpload> {
  const id = await multipartOf(driver).start(key, {
    ...uploadHeaders(key, options),
    signal: callSignal(options),
  })
  return new MultipartUpload(driver, key, id)
}

/**
 * A file that a client uploads in parts, straight to the service, with a signed URL for each part. The file is there,
 * whole, when the upload is completed, and not before; it then replaces one of the same name. `name` and `id` are all
 * that has to be kept meanwhile.
 *
 * Parts are numbered from 1. All but the last should have the same size: some services (R2) take nothing else.
 */
export class MultipartUpload {
  readonly name: string
  /**
   * Who has it and the storage's credentials can go on with the upload. It is the app's, to be kept by the server or
   * sealed in a token: it tells how an upload will be stored, and a client needs only the parts' URLs.
   */
  readonly id: string
  readonly #driver: StorageDriver

  constructor(driver: StorageDriver, name: string, id: string) {
    // A service takes a request without an id for one about the file itself: an abort would delete it.
    if (typeof id !== "string" || !/^[\x21-\x7e]+$/.test(id) || id.length > LONGEST_ID) {
      const value = typeof id === "string" ? JSON.stringify(id.slice(0, 40)) : String(id)
      throw new StorageError(
        "invalid-option",
        `multipart(): ${value} is no upload's id. It is the "id" of what startMultipart() gave.`,
      )
    }
    this.#driver = driver
    this.name = name
    this.id = id
  }

  /** What its parts may be, in bytes. */
  get limits(): PartLimits {
    return multipartOf(this.#driver).limits
  }

  /**
   * The request with which a client sends one part. A part that is sent again replaces the one before.
   * @param number from 1
   * @throws StorageError `invalid-option` for a number or size that the service does not take
   */
  async signPart(number: number, options: SignPartOptions): Promise<SignedUpload> {
    checkOptions("signPart()", options, SIGN_PART_OPTIONS)
    const multipart = multipartOf(this.#driver)
    wholeNumber("signPart(): number", number, 1, multipart.limits.count)
    wholeNumber("signPart(): size", options.size, 1, multipart.limits.largest)
    return multipart.signPart(this.name, this.id, number, {
      ...signatureWindow(seconds(options.expiresIn ?? DEFAULT_EXPIRY, "expiresIn"), 0),
      size: options.size,
      signal: callSignal(options),
    })
  }

  /** The parts that have arrived, by their numbers. @throws StorageError `not-found` where there is no such upload */
  async parts(options: CallOptions = {}): Promise<readonly UploadedPart[]> {
    checkOptions("parts()", options, CALL_OPTIONS)
    return multipartOf(this.#driver).parts(this.name, this.id, { signal: callSignal(options) })
  }

  /**
   * Makes the file of all parts that have arrived, in the order of their numbers.
   * @param parts those to make it of, as `parts()` has told them. Default: what has arrived by now
   * @throws StorageError `not-found` where there is no such upload, or it was aborted or completed already (a service may
   * answer with the file instead, where the same parts were given);
   * `invalid-content` where a part is missing between others, or too small; `conflict` where a part has changed since
   * it was told
   */
  async complete(parts?: readonly UploadedPart[], options: CallOptions = {}): Promise<FileInfo> {
    checkOptions("complete()", options, CALL_OPTIONS)
    const multipart = multipartOf(this.#driver)
    const call = { signal: callSignal(options) }
    const all = parts ?? (await multipart.parts(this.name, this.id, call))
    return multipart.complete(this.name, this.id, this.#inOrder(all), call)
  }

  /** Removes what has arrived. Succeeds where there is nothing. */
  async abort(options: CallOptions = {}): Promise<void> {
    checkOptions("abort()", options, CALL_OPTIONS)
    await multipartOf(this.#driver).abort(this.name, this.id, { signal: callSignal(options) })
  }

  /**
   * Stores a part that has reached the app instead of a service: for handlers that serve the storage's signed URLs.
   * @param number from 1
   * @throws StorageError `unsupported` where parts go straight to the service; `invalid-content` for another size than
   * announced
   */
  async storePart(number: number, input: ContentInput, options: StorePartOptions = {}): Promise<UploadedPart> {
    const content = toContent(input)
    let body: CheckedBody | undefined
    try {
      checkOptions("storePart()", options, STORE_PART_OPTIONS)
      const multipart = multipartOf(this.#driver)
      if (!multipart.storePart) {
        throw unsupported(this.#driver.target, "storePart()", "Its parts go straight to the service: see signPart().")
      }
      wholeNumber("storePart(): number", number, 1, multipart.limits.count)
      const signal = callSignal(options)
      body = new CheckedBody(content, { operation: "storePart", signal, size: options.size })
      return await multipart.storePart(this.name, this.id, number, body, { signal })
    } catch (error) {
      content.cancel(error)
      throw body?.failure ?? error
    }
  }

  /** Services make a file of whatever parts they have: one with a hole in it is refused here. */
  #inOrder(parts: readonly UploadedPart[]): readonly UploadedPart[] {
    const { smallest } = this.limits
    const sorted = parts.toSorted((a, b) => a.number - b.number)
    const refuse = (what: string) =>
      new StorageError("invalid-content", `The upload of ${JSON.stringify(this.name)} can't be completed: ${what}.`, {
        operation: "multipart upload",
        storage: this.#driver.target,
        key: this.name,
      })
    if (sorted.length === 0) throw refuse("no part of it has arrived")
    for (const [index, { number, size }] of sorted.entries()) {
      if (number > index + 1) throw refuse(`part ${index + 1} has not arrived`)
      if (number < index + 1) throw refuse(`part ${number} is given twice`)
      if (size < smallest && index < sorted.length - 1) {
        throw refuse(`part ${number} has ${size} bytes, and all but the last must have ${smallest} at least`)
      }
    }
    return sorted
  }
}
