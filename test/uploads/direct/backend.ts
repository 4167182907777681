import { mkdtemp, readdir, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Storage } from "@node-storages/core"
import { nodeHandler, type NodeHandler } from "@node-storages/http"
import { LocalStorage } from "@node-storages/local"
import { MemoryStorage } from "@node-storages/memory"
import { onTestFinished } from "vitest"
import { MEBIBYTE } from "../../sample-bytes.ts"
import type { FaultProxy } from "../../servers/fault-proxy.ts"
import { KEYS, listen } from "./site.ts"

/** A storage that signs uploads, for one test. */
export interface Backend {
  readonly storage: Storage
  /** Begun and neither completed nor aborted. */
  readonly openUploads?: () => Promise<readonly string[]>
}

export interface BackendOptions {
  /** Origins of pages that may upload and read. */
  readonly allowOrigins?: readonly string[] | undefined
  /** Puts a proxy before the service, for the app and for browsers. */
  readonly through?: ((endpoint: string) => Promise<FaultProxy>) | undefined
}

export interface BackendKind {
  readonly title: string
  readonly create: (options?: BackendOptions) => Promise<Backend>
  /** The smallest part that it takes, in bytes; undefined where it takes no parts. */
  readonly partSize: number | undefined
  /** Whether the service itself holds an upload to its announced size. */
  readonly holdsToSize: boolean
}

/** Serves a storage until the test has ended, at an address that is known before there is a storage. */
async function served<S extends Storage>(
  { allowOrigins, through }: BackendOptions,
  make: (options: { baseUrl: string; signingKeys: readonly string[] }) => S,
): Promise<S> {
  let handler: NodeHandler | undefined
  const origin = await listen((request, response) => void handler!(request, response))
  const { endpoint } = (await through?.(origin)) ?? { endpoint: origin }
  const storage = make({ baseUrl: `${endpoint}/media/`, signingKeys: KEYS })
  handler = nodeHandler(storage, { prefix: "/media/", allowOrigins })
  return storage
}

export const LOCAL: BackendKind = {
  title: "local disk",
  partSize: 100_000,
  holdsToSize: true,
  async create(options = {}) {
    const root = await mkdtemp(join(tmpdir(), "direct-uploads-"))
    onTestFinished(() => rm(root, { recursive: true, force: true, maxRetries: 3 }))
    return {
      storage: await served(options, (own) => new LocalStorage(root, own)),
      openUploads: () => readdir(join(root, ".node-storages/uploads")),
    }
  },
}

export const MEMORY: BackendKind = {
  title: "memory",
  partSize: 100_000,
  holdsToSize: true,
  create: async (options = {}) => ({
    storage: await served(options, (own) => new MemoryStorage(own)),
  }),
}

/** The smallest part of most services, in bytes. */
export const SMALLEST_PART: number = 5 * MEBIBYTE
