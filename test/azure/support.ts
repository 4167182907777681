import { randomUUID } from "node:crypto"
import { ContainerClient, StorageSharedKeyCredential } from "@azure/storage-blob"
import { AzureStorage, type AzureStorageOptions } from "@node-storages/azure"
import { afterAll, beforeAll, describe, vi } from "vitest"
import type { AzureConnection } from "../servers/azurite.ts"
import { provided } from "../servers/provided.ts"

/** A container of one test file on the Azure service of this run, with the official client beside ours. */
export class TestContainer {
  readonly name: string = `test-${randomUUID()}`
  readonly connection: AzureConnection
  readonly client: ContainerClient
  readonly #storages: AzureStorage[] = []

  constructor(connection: AzureConnection) {
    this.connection = connection
    const { endpoint, accountName, accountKey } = connection
    const credential = new StorageSharedKeyCredential(accountName, accountKey)
    this.client = new ContainerClient(`${endpoint}/${this.name}`, credential)
  }

  /** A storage on the container; below a location of its own unless one is given. */
  storage(options: AzureStorageOptions = {}, connection: AzureConnection = this.connection): AzureStorage {
    const storage = new AzureStorage(this.name, {
      ...(!options.client && accountOptions(connection)),
      location: randomUUID(),
      ...options,
    })
    this.#storages.push(storage)
    return storage
  }

  async create(): Promise<void> {
    await this.client.create()
  }

  async keys(prefix = ""): Promise<string[]> {
    const keys: string[] = []
    for await (const { name } of this.client.listBlobsFlat({ prefix })) keys.push(name)
    return keys
  }

  /** Names under which blocks were staged and none committed: what nobody sees. */
  async uncommitted(prefix = ""): Promise<string[]> {
    const all: string[] = []
    for await (const { name } of this.client.listBlobsFlat({ prefix, includeUncommitedBlobs: true })) all.push(name)
    const committed = new Set(await this.keys(prefix))
    return all.filter((name) => !committed.has(name))
  }

  async remove(): Promise<void> {
    await Promise.all(this.#storages.map((storage) => storage.close()))
    await this.client.delete()
  }
}

export function accountOptions({ endpoint, accountName, accountKey }: AzureConnection): AzureStorageOptions {
  return { endpoint, accountName, accountKey }
}

/** The same account as reached through something else on this machine, such as a proxy. */
export function accountThrough(proxy: { host: string; port: number }, connection: AzureConnection): AzureConnection {
  const url = new URL(connection.endpoint)
  url.host = `${proxy.host}:${proxy.port}`
  return { ...connection, endpoint: url.href.replace(/\/$/, "") }
}

/** Tests on the Azure service of this run. Where there is none they are skipped, and the run's last lines say why. */
export function describeOnAzure(title: string, body: (container: () => TestContainer) => void): void {
  const azure = provided("azure")
  describe.skipIf("reason" in azure)(title, () => {
    let container: TestContainer | undefined
    beforeAll(async () => {
      if ("reason" in azure) return
      container = new TestContainer(azure)
      await container.create()
    })
    afterAll(async () => container?.remove())
    body(() => container!)
  })
}

type Call = (...call: unknown[]) => Promise<unknown>

/** Puts something around a method of the SDK until `vi.restoreAllMocks()`: `proceed` calls it, with other arguments if told. */
export function around<Client extends object>(
  prototype: Client,
  method: keyof Client & string,
  act: (proceed: Call, client: Client, call: unknown[]) => Promise<unknown>,
): void {
  const real = Reflect.get(prototype, method) as Call
  vi.spyOn(prototype as Record<string, Call>, method).mockImplementation(function (this: Client, ...call) {
    return act((...other) => real.apply(this, other.length > 0 ? other : call), this, call)
  })
}
