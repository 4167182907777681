import type { FileMetadata, Storage as Client, StorageOptions as ClientOptions } from "@google-cloud/storage"
import { checkOptions, type OptionNames, STORAGE_OPTIONS, StorageError, type StorageOptions } from "@node-storages/core"
import { compressedTypes, wholeNumber } from "@node-storages/core/adapter"

/** https://cloud.google.com/storage/docs/access-control/lists#predefined-acl */
export type PredefinedAcl =
  | "authenticatedRead"
  | "bucketOwnerFullControl"
  | "bucketOwnerRead"
  | "private"
  | "projectPrivate"
  | "publicRead"

/** Fields of a new object's resource that are not about its bytes: storage class, key, holds, headers, metadata. */
export type ObjectParameters = Pick<
  FileMetadata,
  | "cacheControl"
  | "contentDisposition"
  | "contentEncoding"
  | "contentLanguage"
  | "customTime"
  | "eventBasedHold"
  | "kmsKeyName"
  | "storageClass"
  | "temporaryHold"
> & { readonly metadata?: Readonly<Record<string, string>> | undefined }

/** What of a service account's key file is used. */
export interface ServiceAccountKey {
  readonly client_email: string
  readonly private_key: string
}

export interface GCSStorageOptions extends StorageOptions {
  /** The project of the client. Default: the SDK's own search. Objects need none; the escape hatch may. */
  readonly projectId?: string | undefined
  /**
   * A service account's `client_email` and `private_key`, or its whole key file's content. Default: the SDK's own search
   * on first use (GOOGLE_APPLICATION_CREDENTIALS, the login of gcloud, the machine's account).
   */
  readonly credentials?: ServiceAccountKey | undefined
  /** The path of a service account's key file, which is read on first use. Default: as with `credentials`. */
  readonly keyFilename?: string | undefined
  /** A client of google-auth-library: impersonation, workload identity, tokens of your own. */
  readonly authClient?: ClientOptions["authClient"]
  /** A client of your own, which then decides credentials, endpoint and retries. */
  readonly client?: Client | undefined
  /**
   * The address of the service or of an emulator: `"http://localhost:4443"`. Without credentials it is then used
   * anonymously. Default: STORAGE_EMULATOR_HOST, or `"https://storage.googleapis.com"`.
   */
  readonly apiEndpoint?: string | undefined
  /**
   * A ready-made access list for what is stored; `"publicRead"` makes `url()` public. Buckets with uniform bucket-level
   * access, which is usual, refuse all of them. Default: none, the bucket's own rules.
   */
  readonly predefinedAcl?: PredefinedAcl | undefined
  /** Fields of every object's resource, or a function of its key: storage class, encryption key, custom time, … */
  readonly objectParameters?: ObjectParameters | ((key: string) => ObjectParameters) | undefined
  /**
   * Stores text compressed, with `Content-Encoding: gzip`, and decompresses it on reading: `true` for CSS,
   * JavaScript, JSON, SVG and XML, or a list of content types. `size` is then the stored one. Default: false.
   */
  readonly gzip?: boolean | readonly string[] | undefined
  /**
   * In bytes, a multiple of 256 KiB. Content up to this size is sent in one request, longer content by a resumable
   * upload in chunks of this size; memory is about two chunks an upload. Default: 8 MiB.
   */
  readonly chunkSize?: number | undefined
  /** The project that is billed for requests to buckets where the requester pays. Default: none. */
  readonly userProject?: string | undefined
  /** Who signs URLs where there is no private key, by IAM's signBlob. Default: the account of the credentials. */
  readonly serviceAccountEmail?: string | undefined
  /** Where IAM signs, in front of the account's e-mail. Default: `"https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/"`. */
  readonly signingEndpoint?: string | undefined
}

const GCS_STORAGE_OPTIONS: OptionNames<GCSStorageOptions> = {
  ...STORAGE_OPTIONS,
  projectId: true,
  credentials: true,
  keyFilename: true,
  authClient: true,
  client: true,
  apiEndpoint: true,
  predefinedAcl: true,
  objectParameters: true,
  gzip: true,
  chunkSize: true,
  userProject: true,
  serviceAccountEmail: true,
  signingEndpoint: true,
}

const KIBIBYTE = 1024
/** What the service wants chunks of a resumable upload to be multiples of, in bytes. */
const CHUNK_STEP = 256 * KIBIBYTE
const DEFAULT_CHUNK = 8 * KIBIBYTE * KIBIBYTE
const LARGEST_CHUNK = 2 * KIBIBYTE * KIBIBYTE * KIBIBYTE

const PREDEFINED_ACLS: readonly string[] = [
  "authenticatedRead",
  "bucketOwnerFullControl",
  "bucketOwnerRead",
  "private",
  "projectPrivate",
  "publicRead",
] satisfies PredefinedAcl[]

/** Decisions of the driver that do not depend on the client. */
export interface GCSSettings {
  readonly bucket: string
  readonly predefinedAcl: PredefinedAcl | undefined
  readonly objectParameters: (key: string) => ObjectParameters
  readonly compressedTypes: ReadonlySet<string>
  readonly chunkSize: number
  readonly userProject: string | undefined
  readonly serviceAccountEmail: string | undefined
  readonly signingEndpoint: string
}

const SIGNING_ENDPOINT = "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/"

/** The driver's settings, checked and with their defaults. @throws StorageError `invalid-option` */
export function gcsSettings(bucket: string, options: GCSStorageOptions): GCSSettings {
  checkOptions("GCSStorage", options, GCS_STORAGE_OPTIONS)
  if (typeof bucket !== "string" || bucket.trim() === "") {
    throw invalid(
      `the bucket must be a name, not ${JSON.stringify(bucket) ?? "undefined"}. Is the environment variable set?`,
    )
  }
  const { apiEndpoint, client, credentials, keyFilename, authClient, projectId, predefinedAcl } = options
  for (const [name, url] of Object.entries({ apiEndpoint, signingEndpoint: options.signingEndpoint })) {
    if (url !== undefined && !/^https?:\/\/[^/]/.test(url)) {
      throw invalid(`${name} ${JSON.stringify(url)} must be a URL with its scheme: "https://storage.example.com".`)
    }
  }
  if (client && (apiEndpoint ?? credentials ?? keyFilename ?? authClient ?? projectId) !== undefined) {
    throw invalid(
      "with `client`, the credentials, keyFilename, authClient, projectId and apiEndpoint are the client's: give them to it.",
    )
  }
  if ([credentials, keyFilename, authClient].filter((given) => given !== undefined).length > 1) {
    throw invalid("give one of credentials, keyFilename and authClient, not several.")
  }
  if (credentials && (typeof credentials.client_email !== "string" || typeof credentials.private_key !== "string")) {
    throw invalid(
      "credentials must have a service account's client_email and private_key; credentials of other kinds go into authClient.",
    )
  }
  if (predefinedAcl !== undefined && !PREDEFINED_ACLS.includes(predefinedAcl)) {
    throw invalid(`predefinedAcl must be one of ${PREDEFINED_ACLS.join(", ")}, not ${JSON.stringify(predefinedAcl)}.`)
  }
  const chunkSize = wholeNumber("GCSStorage: chunkSize", options.chunkSize ?? DEFAULT_CHUNK, CHUNK_STEP, LARGEST_CHUNK)
  if (chunkSize % CHUNK_STEP !== 0) {
    throw invalid(`chunkSize must be a multiple of ${CHUNK_STEP} (256 KiB), which ${chunkSize} is not.`)
  }
  const { objectParameters = {}, gzip = false } = options
  return {
    bucket,
    predefinedAcl,
    objectParameters: typeof objectParameters === "function" ? objectParameters : () => objectParameters,
    compressedTypes: compressedTypes(gzip),
    chunkSize,
    userProject: options.userProject,
    serviceAccountEmail: options.serviceAccountEmail,
    signingEndpoint: (options.signingEndpoint ?? SIGNING_ENDPOINT).replace(/\/*$/, "/"),
  }
}

function invalid(message: string): StorageError {
  return new StorageError("invalid-option", `GCSStorage: ${message}`)
}
