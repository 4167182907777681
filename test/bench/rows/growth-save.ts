import { S3Client } from "@aws-sdk/client-s3"
import { S3Storage } from "@node-storages/s3"
import { GIBIBYTE, largeReadable, MEBIBYTE } from "../harness/large-source.ts"
import { peer } from "../harness/peers.ts"
import { type BenchRow, OURS } from "../harness/row.ts"
import type { LibStorage } from "./s3-upload.ts"

const KEY = "file.bin"

/**
 * A stream of unknown length to S3, from nothing to 5 GiB: where one put turns into parts, and what is held in memory.
 * The server is that of `s3-upload`.
 */
export const growthSave: BenchRow = {
  title: "Save a stream to S3, by its size in bytes",
  unit: "byte",
  times: 1,
  sizes: [0, 1024, MEBIBYTE, 8 * MEBIBYTE, 64 * MEBIBYTE, 512 * MEBIBYTE, 5 * GIBIBYTE],
  rounds: 1,
  ratioOf: "wall",
  base: "lib-storage",
  goals: [],
  s3: {},
  subjects: {
    "lib-storage": async ({ s3 }) => {
      const { Upload } = await peer<LibStorage>("@aws-sdk/lib-storage")
      const client = new S3Client({ ...s3, forcePathStyle: true })
      return {
        run: async (size) => {
          await new Upload({ client, params: { Bucket: s3.bucket, Key: KEY, Body: largeReadable(size) } }).done()
        },
        close: async () => client.destroy(),
      }
    },
    [OURS]: async ({ s3: { bucket, ...connection } }) => {
      const storage = new S3Storage(bucket, { ...connection, forcePathStyle: true })
      return {
        run: async (size) => {
          const stored = await storage.write(KEY, largeReadable(size))
          if (stored.size !== size) throw new Error(`${stored.size} bytes were stored instead of ${size}.`)
        },
        close: () => storage.close(),
      }
    },
  },
}
