import { createHmac, createSecretKey, randomBytes, randomUUID } from "node:crypto"
import {
  BlobSASPermissions,
  BlobServiceClient,
  ContainerClient,
  generateBlobSASQueryParameters,
  SASProtocol,
  StorageSharedKeyCredential,
  type UserDelegationKey,
} from "@azure/storage-blob"
import { AzureStorage, type AzureStorageOptions } from "@node-storages/azure"
import { type BenchRow, OURS, type Subject } from "../harness/row.ts"
import { signing } from "./signing.ts"

const accountName = "acme"
const accountKey = randomBytes(64).toString("base64")
const container = "media"
const url = `https://${accountName}.blob.core.windows.net/${container}`
const HOUR = 3600 * 1000
const DAY = 24 * HOUR

const floor: Subject = async () => {
  const key = createSecretKey(accountKey, "base64")
  return signing((name) =>
    createHmac("sha256", key)
      .update(
        `r\n\n2026-01-01T00:00:00Z\n/blob/${accountName}/${container}/${name}\n\n\nhttps\n2026-10-06\nb\n\n\n\n\n`,
      )
      .digest("base64"),
  )
}

async function ours(options: AzureStorageOptions, query: RegExp) {
  const storage = new AzureStorage(container, options)
  const signed = await storage.url("a.txt")
  if (!query.test(signed)) throw new Error(`${signed} is not signed as it should be.`)
  return signing((name) => storage.url(name))
}

const ROW = {
  unit: "URL",
  times: 10_000,
  ratioOf: "cpu",
  base: "SDK",
  goals: [{ base: "SDK", atMost: 1 / 3 }],
} as const

/** URLs of a blob, signed with the account's key, through the public interfaces. */
export const azureSign: BenchRow = {
  title: "Sign one Azure URL with the account's key",
  ...ROW,
  subjects: {
    "floor: one HMAC": floor,
    SDK: async () => {
      const client = new ContainerClient(url, new StorageSharedKeyCredential(accountName, accountKey))
      const permissions = BlobSASPermissions.parse("r")
      return signing((name) =>
        client.getBlobClient(name).generateSasUrl({
          permissions,
          expiresOn: new Date(Date.now() + HOUR),
          protocol: SASProtocol.Https,
        }),
      )
    },
    [OURS]: () => ours({ accountName, accountKey }, /^https:.*&sr=b&sp=r&sig=[^&]{40,}$/),
  },
}

/** A key that the service gives for a week; here it is given without asking. */
function delegationKey(): UserDelegationKey {
  return {
    signedObjectId: randomUUID(),
    signedTenantId: randomUUID(),
    signedStartsOn: new Date(Date.now() - HOUR),
    signedExpiresOn: new Date(Date.now() + 6 * DAY),
    signedService: "b",
    signedVersion: "2026-10-06",
    value: randomBytes(32).toString("base64"),
  }
}

/** URLs that are signed by user delegation. */
export const azureSignDelegated: BenchRow = {
  title: "Sign one Azure URL by user delegation",
  ...ROW,
  subjects: {
    "floor: one HMAC": floor,
    SDK: async () => {
      const client = new ContainerClient(url)
      const key = delegationKey()
      const permissions = BlobSASPermissions.parse("r")
      return signing((blobName) => {
        const expiresOn = new Date(Date.now() + HOUR)
        const values = { containerName: container, blobName, permissions, expiresOn, protocol: SASProtocol.Https }
        const query = generateBlobSASQueryParameters(values, key, accountName)
        return `${client.getBlobClient(blobName).url}?${query.toString()}`
      })
    },
    [OURS]: () => {
      BlobServiceClient.prototype.getUserDelegationKey = async () => delegationKey() as never
      const credential = { getToken: async () => null }
      return ours({ accountName, credential }, /&skoid=[\w-]{36}&.*&sr=b&sp=r&sig=[^&]{40,}$/)
    },
  },
}
