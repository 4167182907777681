import type { Storage } from "@node-storages/core"
import { LocalStorage } from "@node-storages/local"
import { S3Storage, type S3StorageOptions } from "@node-storages/s3"

/** A storage that another process can be told of. */
export type StorageSpec = { local: string } | { bucket: string; options: S3StorageOptions }

export function makeStorage(spec: StorageSpec): Storage {
  return "local" in spec ? new LocalStorage(spec.local) : new S3Storage(spec.bucket, spec.options)
}
