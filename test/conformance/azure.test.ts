import { randomUUID } from "node:crypto"
import { describeStorage } from "@node-storages/conformance"
import type { Storage } from "@node-storages/core"
import { AzureStorage, type AzureStorageOptions } from "@node-storages/azure"

import { accountOptions, describeOnAzure } from "../azure/support.ts"
import { AZURITE_GAPS } from "./gaps.ts"
import { TIME_LIMIT } from "../patience.ts"
import { concurrently } from "./runner.ts"
import { provided } from "../servers/provided.ts"

const MEBIBYTE = 1024 * 1024
const WRONG_KEY = Buffer.from("not the right one").toString("base64")

const azure = provided("azure")

describeOnAzure("on the Azure service of this run", (container) => {
  const make = (options: AzureStorageOptions = {}, name = container().name) =>
    new AzureStorage(name, {
      ...accountOptions(container().connection),
      blockSize: 5 * MEBIBYTE,
      location: randomUUID(),
      ...options,
    })

  describeStorage("AzureStorage", {
    runner: concurrently,
    create: () => make(),
    createWith: (options) => make(options),
    destroy: async (storage) => {
      await storage.deleteMany(namesOf(storage))
      await storage.close()
    },
    createWithoutAccess: () => make({ accountKey: WRONG_KEY }),
    createUnreachable: () => make({ endpoint: "http://127.0.0.1:1/devstoreaccount1" }),
    createOnMissingBucket: () => make({}, `missing-${randomUUID()}`),
    foreignKeys: async (storage) => ({
      async put(key, bytes) {
        const blob = container().client.getBlockBlobClient(`${locationOf(storage)}/${key}`)
        // Dots in a URL's path are resolved before it is sent: such a key is no URL's, and so nobody's.
        if (blob.name !== `${locationOf(storage)}/${key}`) throw new Error("No URL has this key.")
        await blob.upload(Buffer.from(bytes), bytes.byteLength)
      },
    }),
    secrets: [WRONG_KEY, ...("accountKey" in azure ? [azure.accountKey] : [])],
    largeBytes: 12 * MEBIBYTE,
    gaps: AZURITE_GAPS,
    timeout: TIME_LIMIT,
  })
})

async function* namesOf(storage: Storage): AsyncGenerator<string> {
  for await (const { name } of storage.list()) yield name
}

/** The key prefix that a storage's names are below. */
function locationOf(storage: Storage): string {
  return (storage as AzureStorage).driver.target.replace(/^azblob:\/\/[^/]+\//, "")
}
