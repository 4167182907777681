import type { ObjectPlace } from "@node-storages/core"
import { serviceOfPlace } from "@node-storages/core/adapter"
import type { AzureSettings } from "./azure-options.ts"

/**
 * Where a blob is. The service copies by URL between all accounts of a cloud, so the account is told by the bucket:
 * `https://acme.blob.core.windows.net/media` gives `azure https://blob.core.windows.net` and
 * `acme.blob.core.windows.net/media`; an emulator's `http://127.0.0.1:10000/account/media` its origin.
 */
export function placeOf(
  { compressedTypes }: AzureSettings,
  containerUrl: string,
  key: string,
): Pick<ObjectPlace, "service" | "bucket" | "key"> {
  const { origin, host, pathname, protocol } = new URL(containerUrl)
  const accountInPath = pathname.split("/").length > 2
  const cloud = accountInPath ? origin : `${protocol}//${host.slice(host.indexOf(".") + 1)}`
  return { service: serviceOfPlace(`azure ${cloud}`, compressedTypes), bucket: host + pathname, key }
}
