import { storageFromUrl } from "@node-storages/core"
import { S3Storage } from "@node-storages/s3"

const credentials = { accessKeyId: "key", secretAccessKey: "secret" }
const storage = new S3Storage("acme", { region: "eu-west-1", credentials })
const { host, searchParams } = new URL(await storage.url("a.txt"))
console.log(host, searchParams.get("X-Amz-Expires"), storageFromUrl("s3://acme").constructor === S3Storage)
