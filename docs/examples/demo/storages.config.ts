import { AzureStorage, type AzureStorageOptions } from "@node-storages/azure"
import { defineStorages } from "@node-storages/core"
import { GCSStorage, type GCSStorageOptions } from "@node-storages/gcs"
import { LocalStorage } from "@node-storages/local"
import { S3Storage, type S3StorageOptions } from "@node-storages/s3"

/** Two storages, each configured on its own: files that users upload, and the app's own assets. */
export function localStorages(folder: string) {
  return defineStorages({
    media: () => new LocalStorage(`${folder}/media`, { baseUrl: "https://media.example.com/" }),
    static: () => new LocalStorage(`${folder}/static`, { baseUrl: "https://static.example.com/assets/" }),
  })
}

// The same two on a cloud service: only the class changes. One is private with signed URLs, one public behind a CDN.
const MEDIA = { location: "uploads", signedUrls: { expiresIn: "1h", roundTo: "15m" } } as const
const STATIC = { baseUrl: "https://static.example.com/" } as const

export function s3Storages(service: S3StorageOptions) {
  return defineStorages({
    media: () => new S3Storage("acme-media", { ...service, ...MEDIA }),
    static: () => new S3Storage("acme-static", { ...service, ...STATIC }),
  })
}

export function gcsStorages(service: GCSStorageOptions) {
  return defineStorages({
    media: () => new GCSStorage("acme-media", { ...service, ...MEDIA }),
    static: () => new GCSStorage("acme-static", { ...service, ...STATIC }),
  })
}

export function azureStorages(service: AzureStorageOptions) {
  return defineStorages({
    media: () => new AzureStorage("acme-media", { ...service, ...MEDIA }),
    static: () => new AzureStorage("acme-static", { ...service, ...STATIC }),
  })
}
