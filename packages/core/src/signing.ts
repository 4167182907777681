import { callSignal } from "./call.ts"
import type { SignedUpload, StorageDriver } from "./driver.ts"
import { seconds } from "./duration.ts"
import { StorageError } from "./errors.ts"
import { unsupported } from "./feature-gate.ts"
import type { UploadOptions, UrlOptions } from "./storage.ts"
import { checkedHeader, uploadHeaders } from "./put-headers.ts"
import { signatureWindow, type UrlPolicy } from "./storage-options.ts"
import { contentDisposition } from "./urls.ts"

const DEFAULT_UPLOAD_EXPIRY = 3600

/** A URL of the key: public or signed by the storage's policy; what only a signature can carry asks for one. */
export async function signUrl(
  driver: StorageDriver,
  key: string,
  policy: UrlPolicy,
  options: UrlOptions,
): Promise<string> {
  const { expiresIn, download, contentType } = options
  const asked = expiresIn !== undefined || (download !== undefined && download !== false) || contentType !== undefined
  const signs = asked || (policy.signs ?? driver.signedUrl !== undefined)
  if (!signs) {
    if (driver.publicUrl) return driver.publicUrl(key)
    throw unsupported(driver.target, "url()", 'Set "baseUrl" to the address where its files are served.')
  }
  if (!driver.signedUrl) {
    const what = asked ? "url() with expiresIn, download or contentType: it can't sign URLs" : "signed URLs"
    throw unsupported(driver.target, what, 'Use a public URL ("baseUrl"), or give the storage a "signer".')
  }
  const validFor = expiresIn === undefined ? policy.expiresIn : seconds(expiresIn, "expiresIn")
  const fileName = download === true ? key.slice(key.lastIndexOf("/") + 1) : download
  return driver.signedUrl(key, {
    ...signatureWindow(validFor, policy.roundTo),
    contentDisposition: fileName ? contentDisposition("attachment", fileName) : undefined,
    contentType: checkedHeader("contentType", contentType),
    signal: callSignal(options),
  })
}

/** A request for a direct upload. */
export async function signUpload(driver: StorageDriver, key: string, options: UploadOptions): Promise<SignedUpload> {
  if (!driver.signedUpload) {
    throw unsupported(
      driver.target,
      "signedUpload()",
      "Let the upload pass through the app: save() takes a request's body.",
    )
  }
  const { expiresIn, size, maxSize } = options
  for (const [name, value] of Object.entries({ size, maxSize })) {
    if (value === undefined || (Number.isSafeInteger(value) && value >= 0)) continue
    throw new StorageError("invalid-option", `signedUpload(): ${name} must be a whole number of bytes, not ${value}.`)
  }
  return driver.signedUpload(key, {
    ...signatureWindow(seconds(expiresIn ?? DEFAULT_UPLOAD_EXPIRY, "expiresIn"), 0),
    ...uploadHeaders(key, options),
    size,
    maxSize,
    signal: callSignal(options),
  })
}
