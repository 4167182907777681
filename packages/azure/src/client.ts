import { ContainerClient, type StoragePipelineOptions, StorageSharedKeyCredential } from "@azure/storage-blob"
import { StorageError } from "@node-storages/core"
import { type AzureStorageOptions, isConnectionString } from "./azure-options.ts"

/**
 * The SDK's own would be 4 seconds, then 12: a service that is not there would be noticed after 16 seconds. So the second
 * attempt is made at once, the third after half a second and the fourth after 1.5 seconds more.
 */
const PIPELINE: StoragePipelineOptions = { retryOptions: { maxTries: 4, retryDelayInMs: 500 } }

/**
 * The official client by the options, or by the environment variables of Azure's command line where they tell no
 * credentials. No I/O.
 * @throws StorageError `unauthenticated` where there is nothing to go by
 */
export function createClient(container: string, options: AzureStorageOptions): ContainerClient {
  const { accountKey, connectionString, credential, sasToken } = withEnvironment(options)
  if (connectionString !== undefined) return fromConnectionString(container, connectionString)
  const url = containerUrl(container, options)
  if (accountKey !== undefined) {
    return new ContainerClient(url, new StorageSharedKeyCredential(accountOf(options, url), accountKey), PIPELINE)
  }
  if (credential) return new ContainerClient(url, credential, PIPELINE)
  if (sasToken !== undefined) return new ContainerClient(`${url}?${sasToken.replace(/^\?/, "")}`, undefined, PIPELINE)
  throw new StorageError(
    "unauthenticated",
    `AzureStorage has no credentials for the container "${container}". Set \`credential: new DefaultAzureCredential()\` ` +
      "(of @azure/identity), `accountKey`, `connectionString` or `sasToken`, or one of AZURE_STORAGE_CONNECTION_STRING, " +
      "AZURE_STORAGE_KEY and AZURE_STORAGE_SAS_TOKEN. For a container that anybody may read, give it a `client`.",
  )
}

/** The container's address without credentials, for public URLs. */
export function publicContainerUrl(container: string, options: AzureStorageOptions): string {
  const { connectionString } = withEnvironment(options)
  if (connectionString === undefined) return containerUrl(container, options)
  return withoutQuery(fromConnectionString(container, connectionString).url)
}

export function withoutQuery(url: string): string {
  return url.replace(/[?#].*$/, "")
}

type Secrets = Pick<AzureStorageOptions, "accountKey" | "connectionString" | "credential" | "sasToken">

function withEnvironment(options: AzureStorageOptions): Secrets {
  const { accountKey, connectionString, credential, sasToken, accountName, endpoint } = options
  if (accountKey ?? connectionString ?? credential ?? sasToken) return options
  const environment = { accountKey: variable("KEY"), sasToken: variable("SAS_TOKEN") }
  const configured = variable("CONNECTION_STRING")
  // A connection string of the environment belongs to its own account, not to one that the options name.
  if (configured === undefined || accountName !== undefined || endpoint !== undefined) return environment
  return { connectionString: configured }
}

function fromConnectionString(container: string, connectionString: string): ContainerClient {
  try {
    if (isConnectionString(connectionString)) return new ContainerClient(connectionString, container, PIPELINE)
  } catch {
    // Not told: its message may hold parts of the string.
  }
  throw new StorageError(
    "invalid-option",
    "AzureStorage: the connection string can't be read (it is not shown, as it holds a secret). It looks like " +
      '"DefaultEndpointsProtocol=https;AccountName=…;AccountKey=…;EndpointSuffix=core.windows.net".',
  )
}

function containerUrl(container: string, options: AzureStorageOptions): string {
  const { endpoint } = options
  if (endpoint !== undefined) return `${endpoint.replace(/\/+$/, "")}/${container}`
  return `https://${accountOf(options)}.blob.core.windows.net/${container}`
}

function accountOf({ accountName }: AzureStorageOptions, url?: string): string {
  const account = accountName ?? ((url && new ContainerClient(url).accountName) || variable("ACCOUNT"))
  if (account) return account
  throw new StorageError(
    "invalid-option",
    "AzureStorage: which storage account? Set `accountName`, `endpoint` or `connectionString`, or AZURE_STORAGE_ACCOUNT.",
  )
}

function variable(name: "ACCOUNT" | "KEY" | "SAS_TOKEN" | "CONNECTION_STRING"): string | undefined {
  return process.env[`AZURE_STORAGE_${name}`] || undefined
}
