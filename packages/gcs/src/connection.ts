import type { Storage as Client } from "@google-cloud/storage"
import { type KeyLimits, StorageError } from "@node-storages/core"
import type { GCSSettings } from "./gcs-options.ts"
import type { JsonApi } from "./json-api.ts"

/** What every request of a driver needs. */
export interface Connection {
  readonly client: () => Client
  readonly api: JsonApi
  readonly settings: GCSSettings
}

/** https://cloud.google.com/storage/docs/objects#naming */
export const LIMITS: KeyLimits = {
  keyBytes: 1024,
  problem: (key) =>
    key.startsWith(".well-known/acme-challenge/") ? "Google Cloud Storage keeps that directory for itself" : undefined,
}

/** The path of an object in the JSON API. */
export function objectPath(bucket: string, key: string): string {
  return `/storage/v1/b/${encodeURIComponent(bucket)}/o/${encodeURIComponent(key)}`
}

/** What a storage points at, for messages. */
export function targetOf({ bucket }: GCSSettings): string {
  return `gs://${bucket}`
}

export function corrupted(key: string, sent: string, stored: string): StorageError {
  return new StorageError(
    "checksum-mismatch",
    `${JSON.stringify(key)} was sent with the CRC32C ${sent}, and the service stored ${stored}: the bytes changed on their way.`,
  )
}
