import { defineStorages } from "@node-storages/core"
import { LocalStorage } from "@node-storages/local"
import { S3Storage, type S3StorageOptions } from "@node-storages/s3"

/** Two storages, each configured on its own: files that users upload, and the app's own assets. */
export function localStorages(folder: string) {
  return defineStorages({
    media: () => new LocalStorage(`${folder}/media`, { baseUrl: "https://media.example.com/" }),
    static: () => new LocalStorage(`${folder}/static`, { baseUrl: "https://static.example.com/assets/" }),
  })
}

/** The same two on S3: one private with signed URLs, one public behind a CDN domain. */
export function s3Storages(service: S3StorageOptions) {
  return defineStorages({
    media: () =>
      new S3Storage("acme-media", { ...service, location: "uploads", signedUrls: { expiresIn: "1h", roundTo: "15m" } }),
    static: () =>
      new S3Storage("acme-static", {
        ...service,
        baseUrl: "https://static.example.com/",
        defaults: { cacheControl: "public, max-age=3600" },
      }),
  })
}
