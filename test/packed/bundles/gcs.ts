import { storageFromUrl } from "@node-storages/core"
import { GCSStorage } from "@node-storages/gcs"

const storage = new GCSStorage("acme", { signedUrls: false })
console.log(storage.publicUrl("a.txt"), storageFromUrl("gs://acme").constructor === GCSStorage)
