import { callSignal } from "./call.ts"
import { checkOptions, type OptionNames } from "./check-options.ts"
import type { DriverMultipart, PartLimits, SignedUpload, StorageDriver, UploadedPart } from "./driver.ts"
import { toContent, type ContentInput } from "./content.ts"
import { CheckedBody } from "./body.ts"
import { OCTET_STREAM, typeOfName } from "./content-type.ts"
import { type Duration, seconds } from "./duration.ts"
import { StorageError } from "./errors.ts"
import { unsupported } from "./feature-gate.ts"
import type { FileInfo } from "./file-info.ts"
import { CALL_OPTIONS } from "./option-names.ts"
import { checkedHeader } from "./put-headers.ts"
import { signatureWindow } from "./storage-options.ts"
import type { CallOptions } from "./storage.ts"

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

export const MULTIPART_OPTIONS: OptionNames<MultipartUploadOptions> = {
  ...CALL_OPTIONS,
  contentType: true,
  cacheControl: true,
  contentDisposition: true,
  metadata: true,
}
const SIGN_PART_OPTIONS: OptionNames<SignPartOptions> = { ...CALL_OPTIONS, size: true, expiresIn: true }
const DEFAULT_EXPIRY = 3600

/** The driver's part uploads, or the error that it has none. */
export function multipartOf(driver: StorageDriver): DriverMultipart {
  if (driver.multipart) return driver.multipart
  throw unsupported(driver.target, "multipart uploads", "Use signedUpload(), or let the upload pass through the app.")
}

export async function startMultipart(
  driver: StorageDriver,
  key: string,
  options: MultipartUploadOptions,
): Promise<MultipartUpload> {
  const id = await multipartOf(driver).start(key, {
    contentType: checkedHeader("contentType", options.contentType ?? typeOfName(key) ?? OCTET_STREAM),
    cacheControl: checkedHeader("cacheControl", options.cacheControl),
    contentDisposition: checkedHeader("contentDisposition", options.contentDisposition),
    metadata: checkedHeader("metadata", options.metadata),
    signal: callSignal(options),
  })
  return new MultipartUpload(driver, key, id)
}

/**
 * A file that a client uploads in parts, straight to the service, with a signed URL for each part. The file is there,
 * whole, when the upload is completed, and not before. `name` and `id` are all that has to be kept meanwhile.
 */
export class MultipartUpload {
  readonly name: string
  /** The service's own. Who has it and the storage's credentials can go on with the upload. */
  readonly id: string
  readonly #driver: StorageDriver

  constructor(driver: StorageDriver, name: string, id: string) {
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
    checkWhole("number", number, multipart.limits.count)
    checkWhole("size", options.size, multipart.limits.largest)
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
   * @throws StorageError `not-found` where there is no such upload, or it was completed or aborted already
   */
  async complete(parts?: readonly UploadedPart[], options: CallOptions = {}): Promise<FileInfo> {
    checkOptions("complete()", options, CALL_OPTIONS)
    const multipart = multipartOf(this.#driver)
    const call = { signal: callSignal(options) }
    const all = parts ?? (await multipart.parts(this.name, this.id, call))
    return multipart.complete(this.name, this.id, all, call)
  }

  /** Removes what has arrived. Succeeds where there is nothing. */
  async abort(options: CallOptions = {}): Promise<void> {
    checkOptions("abort()", options, CALL_OPTIONS)
    await multipartOf(this.#driver).abort(this.name, this.id, { signal: callSignal(options) })
  }

  /**
   * Stores a part that has reached the app instead of a service: for handlers that serve the storage's signed URLs.
   * @throws StorageError `unsupported` where parts go straight to the service
   */
  async storePart(
    number: number,
    input: ContentInput,
    options: CallOptions & { size?: number } = {},
  ): Promise<UploadedPart> {
    const multipart = multipartOf(this.#driver)
    const content = toContent(input)
    let body: CheckedBody | undefined
    try {
      checkOptions("storePart()", options, { ...CALL_OPTIONS, size: true })
      if (!multipart.storePart) {
        throw unsupported(this.#driver.target, "storePart()", "Its parts go straight to the service: see signPart().")
      }
      const signal = callSignal(options)
      body = new CheckedBody(content, { operation: "storePart", signal, size: options.size })
      return await multipart.storePart(this.name, this.id, number, body, { signal })
    } catch (error) {
      content.cancel(error)
      throw body?.failure ?? error
    }
  }
}

function checkWhole(what: string, value: number, most: number): void {
  if (Number.isInteger(value) && value >= 1 && value <= most) return
  throw new StorageError(
    "invalid-option",
    `signPart(): ${what} must be a whole number from 1 to ${most}, not ${value}.`,
  )
}
