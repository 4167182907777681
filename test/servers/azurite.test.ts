import { mkdtemp, readdir, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { ContainerClient, StorageSharedKeyCredential } from "@azure/storage-blob"
import { afterEach, beforeEach, expect, test, vi } from "vitest"
import { type AzureServer, azureConnectionOf, startAzurite } from "./azurite.ts"
import { freePort, isFree } from "./free-port.ts"

// Only so that one test can hand out a port that is taken.
vi.mock("./free-port.ts", async (original) => {
  const actual = await original<typeof import("./free-port.ts")>()
  return { ...actual, freePort: vi.fn(actual.freePort) }
})

/** Stands in for the system's temporary folder, so that what is left behind can be told from others' things. */
let folder: string
const started: AzureServer[] = []

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "node-storages-azurite-test-"))
  vi.stubEnv("TMPDIR", folder)
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await Promise.all(started.splice(0).map((server) => server.stop()))
  await rm(folder, { recursive: true, force: true })
})

async function start(options?: Parameters<typeof startAzurite>[0]): Promise<AzureServer> {
  const server = await startAzurite(options)
  started.push(server)
  return server
}

function containerOn({ endpoint, accountName, accountKey }: AzureServer, name: string): ContainerClient {
  return new ContainerClient(`${endpoint}/${name}`, new StorageSharedKeyCredential(accountName, accountKey))
}

test("it stores and gives back blobs, and what tells of it can be handed to another process", async () => {
  const server = await start()
  expect(JSON.parse(JSON.stringify(azureConnectionOf(server)))).toEqual(azureConnectionOf(server))
  const container = containerOn(server, "mine")
  await container.create()
  await container.getBlockBlobClient("a.txt").upload("hello", 5)
  expect((await container.getBlobClient("a.txt").downloadToBuffer()).toString()).toBe("hello")
})

test("it refuses a wrong key", async () => {
  const server = await start()
  const wrong = containerOn({ ...server, accountKey: Buffer.from("wrong").toString("base64") }, "mine")
  await expect(wrong.create()).rejects.toMatchObject({ statusCode: 403 })
})

test("over https it has a certificate of its own", async () => {
  const server = await start({ https: true })
  expect(server.endpoint).toMatch(/^https:/)
  expect(server.certificate).toContain("BEGIN CERTIFICATE")
})

test("it leaves nothing behind, in memory or on disk", async () => {
  const servers = await Promise.all([start(), start({ onDisk: true })])
  for (const server of servers) {
    const container = containerOn(server, "mine")
    await container.create()
    await container.getBlockBlobClient("a.txt").upload("hello", 5)
    await Promise.all([server.stop(), server.stop()])
    expect(await isFree(Number(new URL(server.endpoint).port))).toBe(true)
  }
  expect(await readdir(folder)).toEqual([])
})

test("a port that somebody else took meanwhile is not the end of it", async () => {
  const first = await start()
  vi.mocked(freePort).mockResolvedValueOnce(Number(new URL(first.endpoint).port))
  const second = await start()
  expect(second.endpoint).not.toBe(first.endpoint)
})
