import { AzureStorage, type AzureStorageOptions } from "@node-storages/azure"
import type { Storage } from "@node-storages/core"
import { GCSStorage, type GCSStorageOptions } from "@node-storages/gcs"
import { LocalStorage } from "@node-storages/local"
import { S3Storage, type S3StorageOptions } from "@node-storages/s3"

/** A storage that another process can be told of. */
export type StorageSpec =
  | { local: string }
  | { bucket: string; options: S3StorageOptions }
  | { googleBucket: string; options: GCSStorageOptions }
  | { container: string; options: AzureStorageOptions }

export function makeStorage(spec: StorageSpec): Storage {
  if ("local" in spec) return new LocalStorage(spec.local)
  if ("container" in spec) return new AzureStorage(spec.container, spec.options)
  if ("googleBucket" in spec) return new GCSStorage(spec.googleBucket, spec.options)
  return new S3Storage(spec.bucket, spec.options)
}
