import { queryOptions, registerScheme, StorageError } from "@node-storages/core"
import { GCSStorage } from "./gcs-storage.ts"
import type { PredefinedAcl } from "./gcs-options.ts"

export type { GCSStorageOptions, ObjectParameters, PredefinedAcl, ServiceAccountKey } from "./gcs-options.ts"
export { GCSStorage } from "./gcs-storage.ts"

/** `gs://bucket/location?keyFilename=…`; credentials are looked for as the SDK does where none are named. */
registerScheme("gs", (url) => {
  const { expiresIn, predefinedAcl, ...options } = queryOptions(url, {
    projectId: "text",
    keyFilename: "text",
    apiEndpoint: "text",
    baseUrl: "text",
    signedUrls: "flag",
    expiresIn: "duration",
    chunkSize: "number",
    predefinedAcl: "text",
    userProject: "text",
    serviceAccountEmail: "text",
  })
  if (url.username !== "" || url.password !== "") {
    throw new StorageError(
      "invalid-option",
      "A gs: storage URL holds no credentials: name a key file with ?keyFilename=…, or set GOOGLE_APPLICATION_CREDENTIALS.",
    )
  }
  return new GCSStorage(url.hostname, {
    ...options,
    ...(predefinedAcl !== undefined && { predefinedAcl: predefinedAcl as PredefinedAcl }),
    ...(expiresIn !== undefined && { signedUrls: { expiresIn } }),
    ...(url.pathname.length > 1 && { location: decodeURIComponent(url.pathname.slice(1)) }),
  })
})
