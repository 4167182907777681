import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Storage } from "@node-storages/core"
import { LocalStorage } from "@node-storages/local"
import { MemoryStorage } from "@node-storages/memory"

import { namesOf } from "../names-of.ts"
import { TestContainer } from "../azure/support.ts"
import { storageOn } from "../gcs/support.ts"
import { TestBucket } from "../s3/support.ts"
import { provided } from "../servers/provided.ts"

/** A storage on an empty place of its own. */
export interface OpenEnd {
  readonly storage: Storage
  /** Removes all that is in it. */
  readonly remove: () => Promise<void>
}

/** A kind of storage that files are moved from and to. */
export interface End {
  readonly title: string
  /** Why there is none in this run. */
  readonly reason: string | undefined
  open(): Promise<OpenEnd>
}

const s3 = provided("s3")
const azure = provided("azure")
const gcs = provided("gcs")

/** Another service is one more row. */
export const ENDS: readonly End[] = [
  {
    title: "local disk",
    reason: undefined,
    async open() {
      const root = await mkdtemp(join(tmpdir(), "node-storages-transfer-"))
      return { storage: new LocalStorage(root), remove: () => rm(root, { recursive: true, force: true }) }
    },
  },
  {
    title: "memory",
    reason: undefined,
    async open() {
      return { storage: new MemoryStorage(), async remove() {} }
    },
  },
  {
    title: "S3",
    reason: "reason" in s3 ? s3.reason : undefined,
    async open() {
      if ("reason" in s3) throw new Error(s3.reason)
      const bucket = new TestBucket(s3)
      await bucket.create()
      return { storage: bucket.storage(), remove: () => bucket.remove() }
    },
  },
  {
    title: "Azure",
    reason: "reason" in azure ? azure.reason : undefined,
    async open() {
      if ("reason" in azure) throw new Error(azure.reason)
      const container = new TestContainer(azure)
      await container.create()
      return { storage: container.storage(), remove: () => container.remove() }
    },
  },
  {
    title: "GCS",
    reason: undefined,
    async open() {
      const storage = storageOn(gcs, gcs.buckets[1]!)
      return { storage, remove: () => storage.deleteMany(namesOf(storage)) }
    },
  },
]
