import { storageFromUrl } from "@node-storages/core"
import { AzureStorage } from "@node-storages/azure"

const storage = new AzureStorage("static", { accountName: "acme", accountKey: btoa("key") })
const { host, searchParams } = new URL(await storage.url("a.txt"))
const named = storageFromUrl("azblob://acme?accountName=acme")
console.log(host, searchParams.has("sig"), named.constructor === AzureStorage)
