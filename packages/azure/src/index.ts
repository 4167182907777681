import { queryOptions, registerScheme, StorageError } from "@node-storages/core"
import { AzureStorage } from "./azure-storage.ts"

export type { AzureStorageOptions, ObjectParameters } from "./azure-options.ts"
export { AzureStorage } from "./azure-storage.ts"

/** `azblob://container/location?accountName=acme`, with `azblob://ACCOUNT:KEY@container` where the key must be in the URL. */
registerScheme("azblob", (url) => {
  const { expiresIn, ...options } = queryOptions(url, {
    accountName: "text",
    connectionString: "text",
    sasToken: "text",
    endpoint: "text",
    baseUrl: "text",
    signedUrls: "flag",
    expiresIn: "duration",
    blockSize: "number",
    accessTier: "text",
  })
  if ((url.username === "") !== (url.password === "")) {
    throw new StorageError(
      "invalid-option",
      "An azblob: storage URL with a key needs both: azblob://ACCOUNT:KEY@container.",
    )
  }
  return new AzureStorage(url.hostname, {
    ...options,
    ...(expiresIn !== undefined && { signedUrls: { expiresIn } }),
    ...(url.pathname.length > 1 && { location: decodeURIComponent(url.pathname.slice(1)) }),
    ...(url.username && {
      accountName: decodeURIComponent(url.username),
      accountKey: decodeURIComponent(url.password),
    }),
  })
})
