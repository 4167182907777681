import { Storage as Client } from "@google-cloud/storage"
import { GoogleAuth, PassThroughClient } from "google-auth-library"
import type { GCSStorageOptions } from "./gcs-options.ts"

/** The official client. No I/O, no search for credentials. */
export function createClient(options: GCSStorageOptions): Client {
  const { projectId, credentials, keyFilename, authClient, apiEndpoint } = options
  return new Client({
    ...(projectId !== undefined && { projectId }),
    ...(credentials !== undefined && { credentials }),
    ...(keyFilename !== undefined && { keyFilename }),
    ...(authClient !== undefined && { authClient }),
    ...(apiEndpoint !== undefined && { apiEndpoint }),
    useAuthWithCustomEndpoint: (credentials ?? keyFilename ?? authClient) !== undefined,
  })
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
