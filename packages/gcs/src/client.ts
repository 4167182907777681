import { readFileSync } from "node:fs"
import { Storage as Client } from "@google-cloud/storage"
import { StorageError } from "@node-storages/core"
import { GoogleAuth, JWT, PassThroughClient } from "google-auth-library"
import type { GCSStorageOptions, ServiceAccountKey } from "./gcs-options.ts"

const ENDPOINT = "https://storage.googleapis.com"
const SCOPE = "https://www.googleapis.com/auth/cloud-platform"

/** The service's address without a slash at its end, told without a client. */
export function endpointOf({ client, apiEndpoint }: GCSStorageOptions): string {
  const endpoint = client?.apiEndpoint ?? apiEndpoint ?? (process.env["STORAGE_EMULATOR_HOST"] || ENDPOINT)
  return (/^https?:\/\//.test(endpoint) ? endpoint : `http://${endpoint}`).replace(/\/+$/, "")
}

/** The official client. It looks for credentials on its first request, unless a key was given. */
export function createClient(options: GCSStorageOptions): Client {
  const { projectId, credentials, keyFilename, authClient } = options
  const key = credentials ?? (keyFilename === undefined ? undefined : readKey(keyFilename))
  const apiEndpoint = endpointOf(options)
  return new Client({
    ...(projectId !== undefined && { projectId }),
    ...(apiEndpoint !== ENDPOINT && { apiEndpoint }),
    ...(key ? { authClient: serviceAccount(key) } : authClient !== undefined && { authClient }),
    useAuthWithCustomEndpoint: (key ?? authClient) !== undefined,
  })
}

/** Signs its access tokens itself, which saves asking for them. https://google.aip.dev/auth/4111 */
function serviceAccount({ client_email, private_key }: ServiceAccountKey): JWT {
  const account = new JWT({ email: client_email, key: private_key, scopes: [SCOPE] })
  account.useJWTAccessWithScope = true
  return account
}

function readKey(path: string): ServiceAccountKey {
  try {
    const key = JSON.parse(readFileSync(path, "utf8")) as Partial<ServiceAccountKey>
    const { client_email, private_key } = key
    if (typeof client_email === "string" && typeof private_key === "string") return { client_email, private_key }
  } catch (error) {
    // What JSON.parse tells of could be a part of the key.
    const reason = error instanceof SyntaxError ? "it is no JSON" : (error as Error).message
    throw new StorageError(
      "unauthenticated",
      `GCSStorage: the key file ${JSON.stringify(path)} can't be read: ${reason}.`,
    )
  }
  throw new StorageError(
    "unauthenticated",
    `GCSStorage: the file ${JSON.stringify(path)} holds no service account's key. ` +
      "Credentials of other kinds are read from GOOGLE_APPLICATION_CREDENTIALS, or given as authClient.",
  )
}

const NOBODY = new GoogleAuth({ authClient: new PassThroughClient() })

/** Who makes a client's requests: nobody where it points at an emulator without being told to authenticate. */
export function authOf(client: Client): GoogleAuth {
  // The SDK declares these two private.
  const { customEndpoint, useAuthWithCustomEndpoint } = client as unknown as {
    customEndpoint?: boolean
    useAuthWithCustomEndpoint?: boolean
  }
  return customEndpoint && !useAuthWithCustomEndpoint ? NOBODY : client.authClient
}
