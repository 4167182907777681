/** The official client for the test server. */
import { Storage } from "@google-cloud/storage"
import type { GcsConnection } from "./gcs-server.ts"

export async function officialClient({ endpoint, projectId, credentials }: GcsConnection): Promise<Storage> {
  const storage = new Storage({
    apiEndpoint: endpoint,
    projectId,
    credentials,
    useAuthWithCustomEndpoint: true,
    // In seconds; the client does not take less than one.
    retryOptions: { retryDelayMultiplier: 1, maxRetryDelay: 1, totalTimeout: 300 },
  })
  // It asks Google's own address for access tokens whatever the credentials say, so it signs them itself.
  storage.authClient.useJWTAccessWithScope = true
  // Its resumable uploads forget `useAuthWithCustomEndpoint`, and would come without a token.
  const headers = Object.fromEntries(await storage.authClient.getRequestHeaders(endpoint))
  const addHeaders = (options: { headers?: object }): object =>
    Object.assign(options, { headers: { ...options.headers, ...headers } })
  storage.interceptors.push({ request: addHeaders } as (typeof storage.interceptors)[number])
  return storage
}
