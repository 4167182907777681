import { queryOptions, registerScheme, StorageError } from "@node-storages/core"
import type { ConditionalCreate } from "./s3-options.ts"
import { S3Storage } from "./s3-storage.ts"

export { b2, minio, r2, type R2Options, spaces, wasabi } from "./presets.ts"
export type { ConditionalCreate, ObjectParameters, S3StorageOptions } from "./s3-options.ts"
export { S3Storage } from "./s3-storage.ts"

/** `s3://bucket/location?region=eu-west-1`, with `s3://KEY:SECRET@bucket` where credentials must be in the URL. */
registerScheme("s3", (url) => {
  const { expiresIn, conditionalCreate, ...options } = queryOptions(url, {
    region: "text",
    endpoint: "text",
    forcePathStyle: "flag",
    baseUrl: "text",
    signedUrls: "flag",
    expiresIn: "duration",
    partSize: "number",
    conditionalCreate: "text",
  })
  if ((url.username === "") !== (url.password === "")) {
    throw new StorageError("invalid-option", "An s3: storage URL with credentials needs both: s3://KEY:SECRET@bucket.")
  }
  return new S3Storage(url.hostname, {
    ...options,
    ...(conditionalCreate !== undefined && { conditionalCreate: conditionalCreate as ConditionalCreate }),
    ...(expiresIn !== undefined && { signedUrls: { expiresIn } }),
    ...(url.pathname.length > 1 && { location: decodeURIComponent(url.pathname.slice(1)) }),
    ...(url.username && {
      credentials: {
        accessKeyId: decodeURIComponent(url.username),
        secretAccessKey: decodeURIComponent(url.password),
      },
    }),
  })
})
