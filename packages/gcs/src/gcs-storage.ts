import type { Storage as Client } from "@google-cloud/storage"
import { DriverStorage, joinUrl, type StorageOptions } from "@node-storages/core"
import { createClient, endpointOf } from "./client.ts"
import { gcsDriver } from "./gcs-driver.ts"
import { type GCSStorageOptions, gcsSettings } from "./gcs-options.ts"
import { JsonApi } from "./json-api.ts"

/**
 * Files in a bucket of Google Cloud Storage. Makes no request and looks for no credentials before it is used.
 * @throws StorageError `invalid-option`
 */
export class GCSStorage extends DriverStorage {
  readonly #client: () => Client

  constructor(bucket: string, options: GCSStorageOptions = {}) {
    const settings = gcsSettings(bucket, options)
    let own: Client | undefined
    const client = () => options.client ?? (own ??= createClient(options))
    const api = new JsonApi(endpointOf(options), client, settings.userProject)
    super(
      gcsDriver({ client, api, settings }, (key) => joinUrl(`${api.endpoint}/${bucket}`, key)),
      storageOptions(options),
    )
    this.#client = client
  }

  /** The official client, for what this interface does not have. */
  get client(): Client {
    return this.#client()
  }
}

function storageOptions({ location, baseUrl, signer, signedUrls, defaults, predefinedAcl }: GCSStorageOptions) {
  const signs = signedUrls ?? (predefinedAcl === "publicRead" && !signer ? false : undefined)
  return { location, baseUrl, signer, signedUrls: signs, defaults } satisfies StorageOptions
}
