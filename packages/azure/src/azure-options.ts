import type { TokenCredential } from "@azure/core-auth"
import type { BlockBlobUploadOptions, ContainerClient } from "@azure/storage-blob"
import { checkOptions, type OptionNames, STORAGE_OPTIONS, StorageError, type StorageOptions } from "@node-storages/core"
import { compressedTypes, wholeNumber } from "@node-storages/core/adapter"

/** Parameters of Put Blob and Put Block List that are not about the bytes. */
export type ObjectParameters = Pick<
  BlockBlobUploadOptions,
  "blobHTTPHeaders" | "metadata" | "tags" | "tier" | "encryptionScope" | "immutabilityPolicy" | "legalHold"
>

export interface AzureStorageOptions extends StorageOptions {
  /** The storage account: `"acmemedia"`. Default: that of the connection string or endpoint, else AZURE_STORAGE_ACCOUNT. */
  readonly accountName?: string | undefined
  /** A key of the account, which also signs URLs. Default: AZURE_STORAGE_KEY, on first use. */
  readonly accountKey?: string | undefined
  /** Account, endpoint and key (or SAS) in one. Default: AZURE_STORAGE_CONNECTION_STRING, on first use. */
  readonly connectionString?: string | undefined
  /** A shared access signature, with or without its `?`. It can't sign URLs. Default: AZURE_STORAGE_SAS_TOKEN. */
  readonly sasToken?: string | undefined
  /** Microsoft Entra ID: `new DefaultAzureCredential()` of `@azure/identity`. Signs URLs by user delegation. */
  readonly credential?: TokenCredential | undefined
  /** A client of your own, which then decides account, endpoint, credentials and retries. */
  readonly client?: ContainerClient | undefined
  /**
   * The account's address: `"https://media.example.com"`, or with the account as its path for emulators:
   * `"http://127.0.0.1:10000/devstoreaccount1"`. Default: `https://{accountName}.blob.core.windows.net`.
   */
  readonly endpoint?: string | undefined
  /** In bytes, 64 KiB to 4,000 MiB. Content up to this size is sent in one request. Default: 8 MiB. */
  readonly blockSize?: number | undefined
  /** Blocks under way at once, 1 to 1,000; memory is about block size × (concurrency + 2). Default: 4. */
  readonly uploadConcurrency?: number | undefined
  /** In bytes, 64 KiB to 256 MiB. Blobs above it are copied by blocks of this size. Default (and limit): 256 MiB. */
  readonly copyBlockSize?: number | undefined
  /** Access tier of what is stored: `"Hot"`, `"Cool"`, `"Cold"`. Default: the account's. */
  readonly accessTier?: string | undefined
  /** Index tags of what is stored, at most 10. Default: none. */
  readonly tags?: Readonly<Record<string, string>> | undefined
  /** Parameters for every blob, or a function of its key: tier, tags, metadata, headers, encryption scope, … */
  readonly objectParameters?: ObjectParameters | ((key: string) => ObjectParameters) | undefined
  /**
   * Stores text compressed, with `Content-Encoding: gzip`, and decompresses it on reading: `true` for CSS,
   * JavaScript, JSON, SVG and XML, or a list of content types. `size` is then the stored one. Default: false.
   */
  readonly gzip?: boolean | readonly string[] | undefined
}

const AZURE_STORAGE_OPTIONS: OptionNames<AzureStorageOptions> = {
  ...STORAGE_OPTIONS,
  accountName: true,
  accountKey: true,
  connectionString: true,
  sasToken: true,
  credential: true,
  client: true,
  endpoint: true,
  blockSize: true,
  uploadConcurrency: true,
  copyBlockSize: true,
  accessTier: true,
  tags: true,
  objectParameters: true,
  gzip: true,
}

const KIBIBYTE = 1024
const MEBIBYTE = 1024 * KIBIBYTE
/** The service's limits on one block, which are those of one Put Blob, in bytes. The lower one is ours. */
const SMALLEST_BLOCK = 64 * KIBIBYTE
export const LARGEST_BLOCK: number = 4000 * MEBIBYTE
/** The service's limit on the blocks of one blob. */
export const MOST_BLOCKS = 50_000
/** The service's limit on a source that Copy Blob From URL copies in one request, in bytes. */
const LARGEST_COPY = 256 * MEBIBYTE

const DEFAULT_BLOCK_SIZE = 8 * MEBIBYTE
const DEFAULT_CONCURRENCY = 4

/** https://learn.microsoft.com/rest/api/storageservices/naming-and-referencing-containers--blobs--and-metadata */
const CONTAINER = /^(\$root|\$web|\$logs|(?!.*--)[a-z0-9][a-z0-9-]{1,61}[a-z0-9])$/
const ACCOUNT = /^[a-z0-9]{3,24}$/

/** Decisions of the driver that do not depend on the client. */
export interface AzureSettings {
  readonly container: string
  readonly objectParameters: (key: string) => ObjectParameters
  readonly compressedTypes: ReadonlySet<string>
  readonly blockSize: number
  readonly uploadConcurrency: number
  readonly copyBlockSize: number
}

/** The driver's settings, checked and with their defaults. @throws StorageError `invalid-option` */
export function azureSettings(container: string, options: AzureStorageOptions): AzureSettings {
  checkOptions("AzureStorage", options, AZURE_STORAGE_OPTIONS)
  if (typeof container !== "string" || !CONTAINER.test(container)) {
    throw invalid(
      `the container must be a name of 3 to 63 lower-case letters, digits and single dashes, not ` +
        `${JSON.stringify(container) ?? "undefined"}. Is the environment variable set?`,
    )
  }
  checkConnection(container, options)
  const { accessTier, tags, objectParameters = {} } = options
  const shared: ObjectParameters = { ...(accessTier !== undefined && { tier: accessTier }), ...(tags && { tags }) }
  const parametersOf = typeof objectParameters === "function" ? objectParameters : () => objectParameters
  return {
    container,
    objectParameters: (key) => ({ ...shared, ...parametersOf(key) }),
    compressedTypes: compressedTypes(options.gzip ?? false),
    blockSize: wholeNumber(
      "AzureStorage: blockSize",
      options.blockSize ?? DEFAULT_BLOCK_SIZE,
      SMALLEST_BLOCK,
      LARGEST_BLOCK,
    ),
    uploadConcurrency: wholeNumber(
      "AzureStorage: uploadConcurrency",
      options.uploadConcurrency ?? DEFAULT_CONCURRENCY,
      1,
      1000,
    ),
    copyBlockSize: wholeNumber(
      "AzureStorage: copyBlockSize",
      options.copyBlockSize ?? LARGEST_COPY,
      SMALLEST_BLOCK,
      LARGEST_COPY,
    ),
  }
}

/** What tells where the account is and who asks. Values are not shown: most of them are secrets. */
const CONNECTION = ["accountName", "accountKey", "connectionString", "sasToken", "credential", "endpoint"] as const
const SECRETS = ["accountKey", "connectionString", "sasToken", "credential"] as const

function checkConnection(container: string, options: AzureStorageOptions): void {
  const given = CONNECTION.filter((name) => options[name] !== undefined)
  if (options.client && given.length > 0) {
    throw invalid(`with \`client\`, account and credentials are the client's: give it what ${list(given)} tells.`)
  }
  const clients = options.client && decodeURIComponent(new URL(options.client.url).pathname.split("/").pop()!)
  if (clients !== undefined && clients !== "" && clients !== container) {
    throw invalid(`the client is of the container ${JSON.stringify(clients)}, not of ${JSON.stringify(container)}.`)
  }
  const secrets = SECRETS.filter((name) => options[name] !== undefined)
  if (secrets.length > 1) throw invalid(`${list(secrets)} contradict each other: give one of them.`)
  if (options.connectionString !== undefined && given.length > 1) {
    throw invalid(`a connectionString has the account and its address in it: leave ${list(given)} but it out.`)
  }
  for (const name of ["accountKey", "connectionString", "sasToken"] as const) {
    if (options[name] !== undefined && (typeof options[name] !== "string" || options[name].trim() === "")) {
      throw invalid(`${name} must be a text that is not empty. Is the environment variable set?`)
    }
  }
  const { accountName, accountKey, connectionString, credential, endpoint } = options
  if (accountName !== undefined && !ACCOUNT.test(accountName)) {
    throw invalid(`accountName must be 3 to 24 lower-case letters and digits, not ${JSON.stringify(accountName)}.`)
  }
  if (accountKey !== undefined && !/^[A-Za-z0-9+/]+={0,2}$/.test(accountKey)) {
    throw invalid("accountKey must be Base64, as the portal shows it (it is not shown here).")
  }
  if (connectionString !== undefined && !isConnectionString(connectionString)) {
    throw invalid(
      "connectionString is none (it is not shown, as it holds a secret). It looks like " +
        '"DefaultEndpointsProtocol=https;AccountName=…;AccountKey=…;EndpointSuffix=core.windows.net".',
    )
  }
  if (credential !== undefined && typeof credential.getToken !== "function") {
    throw invalid("credential must have getToken(), as `new DefaultAzureCredential()` of @azure/identity has.")
  }
  if (endpoint !== undefined && !isEndpoint(endpoint)) {
    throw invalid(
      `endpoint must be a URL with its scheme and without a query, "https://acmemedia.blob.core.windows.net"` +
        (endpoint.includes("?") ? ". A SAS belongs into sasToken." : `, not ${JSON.stringify(endpoint)}.`),
    )
  }
}

export function isConnectionString(text: string): boolean {
  return /(^|;)\s*(AccountKey|SharedAccessSignature|UseDevelopmentStorage)=./.test(text)
}

function isEndpoint(endpoint: string): boolean {
  return /^https?:\/\/[^/?#@]+[^?#]*$/.test(endpoint) && URL.canParse(endpoint)
}

function list(names: readonly string[]): string {
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`
}

function invalid(problem: string): StorageError {
  return new StorageError("invalid-option", `AzureStorage: ${problem}`)
}
