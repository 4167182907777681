import { mkdtemp, rm } from "node:fs/promises"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type ConformanceOptions, describeStorage, type Gap } from "@node-storages/conformance"
import type { Storage, StorageOptions } from "@node-storages/core"
import { nodeHandler, serveStorage, type NodeHandler } from "@node-storages/http"
import { LocalStorage } from "@node-storages/local"
import { MemoryStorage } from "@node-storages/memory"
import * as runner from "vitest"
import { TIME_LIMIT } from "../patience.ts"
import { SERVED } from "../conformance/variants.ts"
import { nodeRequest, sendResponse } from "./web-adapter.ts"

const SIGNING_KEYS = ["the key that signs, of today ......", "the key of yesterday, still checked"]

/** One server for the storages of all tests, each below a path of its own. */
const handlers = new Map<string, NodeHandler>()
const server = createServer((request, response) => {
  const handler = handlers.get(request.url!.split("/")[1]!)
  if (handler) void handler(request, response)
  else response.writeHead(404).end()
})
runner.beforeAll(() => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve)))
runner.afterAll(() => void server.close())

let count = 0
const roots = new Map<Storage, string>()

const HAS_BASE_URL: Gap = {
  test: "of the constructor that are malformed are refused",
  reason: "a signer is refused without a base URL, and these storages have one",
}
const IS_PUBLIC: Gap = {
  test: "a signed URL without its signature, or for another file, is refused",
  reason: "it is public: who has no signature may read all the same",
}

type Serve = (storage: Storage, prefix: string) => NodeHandler

/** A storage whose URLs a function signs has no keys to check them by: here everybody may read. */
const optionsOf = (storage: Storage, prefix: string) => ({
  prefix,
  dotfiles: true,
  ...(storage.checkSigned === undefined && { authorize: () => true }),
})

const byNode: Serve = (storage, prefix) => nodeHandler(storage, optionsOf(storage, prefix))

/** The web handler behind as little as it needs to be reached. */
const byFetch: Serve = (storage, prefix) => {
  const handle = serveStorage(storage, optionsOf(storage, prefix))
  return async (request: IncomingMessage, response: ServerResponse) =>
    sendResponse(await handle(nodeRequest(request)), response)
}

function place(): { baseUrl: string; id: string } {
  const id = String(++count)
  return { id, baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/${id}/` }
}

/** Where a test gives a base URL, it is another's who serves the files, and public. */
function signingAt(baseUrl: string, added: StorageOptions): { baseUrl?: string; signingKeys?: readonly string[] } {
  return added.baseUrl === undefined ? { baseUrl, signingKeys: SIGNING_KEYS } : {}
}

function local(serve: Serve, own: StorageOptions, gaps: readonly Gap[] = [HAS_BASE_URL]): ConformanceOptions {
  const make = async (added: StorageOptions = {}) => {
    const root = await mkdtemp(join(tmpdir(), "served-"))
    const { id, baseUrl } = place()
    const options = { ...own, ...signingAt(baseUrl, added), ...added }
    const { signedUrls } = options
    // The whole folder is served, and the storage of the test may be a part of it.
    handlers.set(id, serve(new LocalStorage(root, { baseUrl, signingKeys: SIGNING_KEYS, signedUrls }), `/${id}/`))
    const storage = new LocalStorage(root, options)
    roots.set(storage, root)
    return storage
  }
  return {
    runner,
    create: () => make(),
    createWith: make,
    destroy: async (storage) => {
      await storage.close()
      await rm(roots.get(storage)!, { recursive: true, force: true })
    },
    secrets: SIGNING_KEYS,
    gaps,
    scale: { list: 20, deleteMany: 20, race: 8 },
    timeout: TIME_LIMIT,
  }
}

function memory(own: StorageOptions): ConformanceOptions {
  const make = (added: StorageOptions = {}) => {
    const { id, baseUrl } = place()
    const storage = new MemoryStorage({ ...own, ...signingAt(baseUrl, added), ...added })
    handlers.set(id, byNode(storage, `/${id}/`))
    return storage
  }
  const scale = { list: 20, deleteMany: 20, race: 8 }
  return { runner, create: () => make(), createWith: make, gaps: [HAS_BASE_URL], scale, timeout: TIME_LIMIT }
}

const STORAGES: Readonly<Record<keyof typeof SERVED, ConformanceOptions>> = {
  "LocalStorage with signing keys, served by the Node handler": local(byNode, {}),
  "LocalStorage with signing keys and a location, served by the web handler": local(byFetch, {
    location: "some/where",
  }),
  "public LocalStorage with signing keys": local(byNode, { signedUrls: false }, [IS_PUBLIC]),
  "MemoryStorage with signing keys, served by the Node handler": memory({}),
}
for (const [title, options] of Object.entries(STORAGES)) {
  describeStorage(title, { ...options, suites: SERVED[title as keyof typeof SERVED].suites })
}
