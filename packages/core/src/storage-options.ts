import { checkOptions, type OptionNames } from "./check-options.ts"
import { type Duration, seconds } from "./duration.ts"
import { StorageError } from "./errors.ts"
import type { FileHeaders } from "./file-info.ts"
import { checkBaseUrl } from "./urls.ts"

/** How long signed URLs hold. */
export interface SignatureOptions {
  /** How long a URL is valid. Default: 1 hour. */
  readonly expiresIn?: Duration | undefined
  /**
   * Signs from the beginning of a window of this length, so that the same file gives the same URL within the window
   * and browsers and CDNs cache it. The URL is then valid for `expiresIn` to `expiresIn + roundTo`. Default: none.
   */
  readonly roundTo?: Duration | undefined
}

/** What a signer is told besides the URL. */
export interface SignerOptions {
  readonly signedAt: Date
  readonly expiresAt: Date
  readonly contentDisposition?: string | undefined
  readonly contentType?: string | undefined
}

/** Signs a public URL, for a CDN in front of the storage (CloudFront, Akamai, Cloud CDN). */
export type UrlSigner =
  | ((url: string, options: SignerOptions) => string | Promise<string>)
  | { signUrl(url: string, options: SignerOptions): string | Promise<string> }

/** Options of every storage. */
export interface StorageOptions {
  /** A directory in the backend below which everything happens: `"uploads"`. Default: the whole of it. */
  readonly location?: string | undefined
  /** The public address or CDN domain of the backend's root (the location is added). Makes `url()` public. */
  readonly baseUrl?: string | undefined
  /** Signs URLs made of `baseUrl`, instead of the backend's own signatures. */
  readonly signer?: UrlSigner | undefined
  /**
   * Whether `url()` signs, and how. Default: signed where the backend can sign and there is no `baseUrl`.
   * False makes `url()` public.
   */
  readonly signedUrls?: boolean | SignatureOptions | undefined
  /**
   * Headers of files that are stored without their own, or a function of the name that gives them. Not of files that
   * clients upload by `signedUpload` or `startMultipart`: those go to a name that may not be their last one, and each
   * header is one that the client has to send, and the bucket's CORS rules to let through.
   */
  readonly defaults?: FileHeaders | ((name: string) => FileHeaders) | undefined
}

/** The names of the options of every storage, for `checkOptions` in an adapter's constructor. */
export const STORAGE_OPTIONS: OptionNames<StorageOptions> = {
  location: true,
  baseUrl: true,
  signer: true,
  signedUrls: true,
  defaults: true,
}

const DEFAULT_EXPIRY = 3600

/** The options that concern URLs, checked and with their defaults. */
export interface UrlPolicy {
  readonly baseUrl: string | undefined
  readonly signer: ((url: string, options: SignerOptions) => string | Promise<string>) | undefined
  /** What `url()` does without options; undefined: sign if the driver can. */
  readonly signs: boolean | undefined
  /** In seconds. */
  readonly expiresIn: number
  /** In seconds; 0 is none. */
  readonly roundTo: number
}

export function urlPolicy(options: StorageOptions, subject: string): UrlPolicy {
  const { baseUrl, signer, signedUrls } = options
  if (signer && baseUrl === undefined) {
    throw new StorageError("invalid-option", `${subject}: signer signs URLs made of baseUrl, which is missing.`)
  }
  if (signer && signedUrls === false) {
    throw new StorageError("invalid-option", `${subject}: signer and signedUrls: false contradict each other.`)
  }
  const signature = typeof signedUrls === "object" ? signedUrls : {}
  checkOptions(`${subject} signedUrls`, signature, { expiresIn: true, roundTo: true })
  return {
    baseUrl: baseUrl === undefined ? undefined : checkBaseUrl(baseUrl, subject),
    signer: typeof signer === "object" ? signer.signUrl.bind(signer) : signer,
    signs:
      signedUrls === undefined ? (signer ? true : baseUrl === undefined ? undefined : false) : signedUrls !== false,
    expiresIn: seconds(signature.expiresIn ?? DEFAULT_EXPIRY, `${subject} signedUrls.expiresIn`),
    roundTo: seconds(signature.roundTo ?? 0, `${subject} signedUrls.roundTo`),
  }
}

/** When a signature begins and how long it holds: for at least `expiresIn` seconds from now. */
export function signatureWindow(
  expiresIn: number,
  roundTo: number,
  now: number = Date.now(),
): { signedAt: Date; expiresIn: number } {
  if (roundTo === 0) return { signedAt: new Date(now), expiresIn }
  const window = roundTo * 1000
  return { signedAt: new Date(Math.floor(now / window) * window), expiresIn: expiresIn + roundTo }
}
