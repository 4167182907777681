import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Storage } from "@node-storages/core"
import { nodeHandler, type NodeHandler } from "@node-storages/http"
import { LocalStorage } from "@node-storages/local"
import { MemoryStorage } from "@node-storages/memory"
import { onTestFinished } from "vitest"
import { MEBIBYTE } from "../../sample-bytes.ts"
import { KEYS, listen } from "./site.ts"

/** A storage that signs uploads, for one test. */
export interface Backend {
  readonly storage: Storage
  /** Begun and neither completed nor aborted. */
  readonly openUploads?: () => Promise<readonly string[]>
}

export interface BackendKind {
  readonly title: string
  /** @param allowOrigins origins of pages that may upload and read */
  readonly create: (allowOrigins?: readonly string[]) => Promise<Backend>
  /** The smallest part that it takes, in bytes; undefined where it takes no parts. */
  readonly partSize: number | undefined
  /** Whether the service itself holds an upload to its announced size. */
  readonly holdsToSize: boolean
}

/** Serves a storage until the test has ended, at an address that is known before there is a storage. */
async function served<S extends Storage>(
  allowOrigins: readonly string[],
  make: (options: { baseUrl: string; signingKeys: readonly string[] }) => S,
): Promise<S> {
  let handler: NodeHandler | undefined
  const origin = await listen((request, response) => void handler!(request, response))
  const storage = make({ baseUrl: `${origin}/media/`, signingKeys: KEYS })
  handler = nodeHandler(storage, { prefix: "/media/", allowOrigins })
  return storage
}

export const LOCAL: BackendKind = {
  title: "local disk",
  partSize: undefined,
  holdsToSize: true,
  async create(allowOrigins = []) {
    const root = await mkdtemp(join(tmpdir(), "direct-uploads-"))
    onTestFinished(() => rm(root, { recursive: true, force: true, maxRetries: 3 }))
    return { storage: await served(allowOrigins, (options) => new LocalStorage(root, options)) }
  },
}

export const MEMORY: BackendKind = {
  title: "memory",
  partSize: undefined,
  holdsToSize: true,
  create: async (allowOrigins = []) => ({
    storage: await served(allowOrigins, (options) => new MemoryStorage(options)),
  }),
}

/** The smallest part of most services, in bytes. */
export const SMALLEST_PART: number = 5 * MEBIBYTE
