import type { ContainerClient } from "@azure/storage-blob"
import { DriverStorage } from "@node-storages/core"
import { azureDriver } from "./azure-driver.ts"
import { type AzureStorageOptions, azureSettings } from "./azure-options.ts"
import { createClient, publicContainerUrl, withoutQuery } from "./client.ts"

/**
 * Files in a container of Azure Blob Storage. Makes no request and looks for no credentials before it is used. `close()`
 * has nothing to release.
 * @throws StorageError `invalid-option`
 */
export class AzureStorage extends DriverStorage {
  readonly #client: () => ContainerClient

  constructor(container: string, options: AzureStorageOptions = {}) {
    const settings = azureSettings(container, options)
    let own: ContainerClient | undefined
    const client = () => options.client ?? (own ??= createClient(container, options))
    const containerUrl = () =>
      options.client ? withoutQuery(options.client.url) : publicContainerUrl(container, options)
    const { location, baseUrl, signer, signedUrls, defaults, accountName } = options
    super(azureDriver({ settings, client, accountName, containerUrl }), {
      location,
      baseUrl,
      signer,
      signedUrls,
      defaults,
    })
    this.#client = client
  }

  /** The official client of the container, for what this interface does not have. */
  get client(): ContainerClient {
    return this.#client()
  }
}
