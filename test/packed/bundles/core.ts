import { normalizeName, StorageError, storageFromUrl } from "@node-storages/core"

try {
  storageFromUrl("s3://acme")
} catch (error) {
  if (!StorageError.is(error)) throw error
  console.log(normalizeName("a/b.txt"), error.code)
}
