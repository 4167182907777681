import { randomUUID } from "node:crypto"
import { describeStorage } from "@node-storages/conformance"
import type { GCSStorage, GCSStorageOptions } from "@node-storages/gcs"
import { describe } from "vitest"
import { namesOf } from "../names-of.ts"
import { optionsFor, storageOn } from "../gcs/support.ts"
import { TIME_LIMIT } from "../patience.ts"
import { concurrently } from "./runner.ts"
import { provided } from "../servers/provided.ts"

const connection = provided("gcs")
const bucket = connection.buckets[0]!
const CHUNK = 256 * 1024

describe("on the GCS server of this run", () => {
  const make = (options: GCSStorageOptions = {}) => storageOn(connection, bucket, { chunkSize: 4 * CHUNK, ...options })
  describeStorage("GCSStorage", {
    runner: concurrently,
    create: () => make(),
    createWith: (options) => make(options),
    destroy: async (storage) => {
      await storage.deleteMany(namesOf(storage))
      await storage.close()
    },
    createWithoutAccess: () => make(optionsFor(connection, connection.accountWithoutAccess)),
    createUnreachable: () => make({ apiEndpoint: "http://127.0.0.1:1" }),
    createOnMissingBucket: () => storageOn(connection, `missing-${randomUUID()}`),
    foreignKeys: async (storage) => {
      const official = make().client.bucket(bucket)
      const location = (storage as GCSStorage).driver.target.replace(/^gs:\/\/[^/]+\//, "")
      return { put: (key, bytes) => official.file(`${location}/${key}`).save(bytes, { resumable: false }) }
    },
    secrets: [connection.credentials.private_key, connection.accountWithoutAccess.private_key],
    largeBytes: 3 * 1024 * 1024,
    timeout: TIME_LIMIT,
  })
})
