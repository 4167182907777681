import { randomUUID } from "node:crypto"
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3"
import type { ConformanceOptions, Gap } from "@node-storages/conformance"
import type { Storage } from "@node-storages/core"
import { S3Storage, type S3StorageOptions } from "@node-storages/s3"
import { namesOf } from "../names-of.ts"
import { MEBIBYTE } from "../sample-bytes.ts"
import { connectionOptions } from "../s3/support.ts"
import type { S3Connection } from "../servers/s3-server.ts"
import { TIME_LIMIT } from "../patience.ts"
import { concurrently } from "./runner.ts"

export interface Service {
  readonly connection: S3Connection
  readonly bucket: string
  /** How the service differs from AWS. */
  readonly options: S3StorageOptions
}

/** What the suite asks for, on a bucket of an S3 service. The service is there once the tests run. */
export function optionsOn(service: () => Service, gaps: readonly Gap[]): ConformanceOptions {
  const make = (options: S3StorageOptions = {}, bucket = service().bucket) =>
    new S3Storage(bucket, {
      ...connectionOptions(service().connection),
      forcePathStyle: true,
      partSize: 5 * MEBIBYTE,
      location: randomUUID(),
      ...service().options,
      ...options,
    })
  return {
    runner: concurrently,
    create: () => make(),
    createWith: (options) => make(options),
    destroy: async (storage) => {
      await storage.deleteMany(namesOf(storage))
      await storage.close()
    },
    createWithoutAccess: () =>
      make({ credentials: { ...service().connection.credentials, secretAccessKey: "not-the-right-one" } }),
    createUnreachable: () => make({ endpoint: "http://127.0.0.1:1" }),
    createOnMissingBucket: () => make({}, `missing-${randomUUID()}`),
    foreignKeys: async (storage) => {
      const client = new S3Client({
        ...connectionOptions(service().connection),
        forcePathStyle: true,
        requestChecksumCalculation: "WHEN_REQUIRED",
      })
      return {
        async put(key, bytes) {
          const Key = `${locationOf(storage)}/${key}`
          await client.send(new PutObjectCommand({ Bucket: service().bucket, Key, Body: bytes }))
        },
      }
    },
    secrets: ["not-the-right-one"],
    largeBytes: 12 * MEBIBYTE,
    gaps,
    timeout: TIME_LIMIT,
  }
}

/** The key prefix that a storage's names are below. */
function locationOf(storage: Storage): string {
  return (storage as S3Storage).driver.target.replace(/^s3:\/\/[^/]+\//, "")
}
