import type { ContainerClient } from "@azure/storage-blob"
import type { AzureSettings } from "./azure-options.ts"

/** What every request of a driver needs. */
export interface Connection {
  readonly client: ContainerClient
  readonly settings: AzureSettings
}

/** What a storage points at, for messages. */
export function targetOf({ container }: AzureSettings): string {
  return `azblob://${container}`
}

/** Bodies are checked with the MD5 that is given here, whatever a client of the caller's does by itself. */
export const OWN_CHECKSUMS = { contentChecksumAlgorithm: "Customized" } as const

/** The SDK's options of a request that the signal cancels. */
export function cancelledBy(signal: AbortSignal | undefined): { abortSignal?: AbortSignal } {
  return signal ? { abortSignal: signal } : {}
}
