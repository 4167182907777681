import type { StorageDriver } from "./driver.ts"
import { passThrough } from "./layers/pass-through.ts"
import type { UrlPolicy } from "./storage-options.ts"
import { joinUrl } from "./urls.ts"

/** Gives any driver the addresses that its storage is configured with: a base URL, and who signs it. */
export function withAddresses(driver: StorageDriver, { baseUrl, signer }: UrlPolicy): StorageDriver {
  if (baseUrl === undefined) return driver
  const publicUrl = (key: string) => joinUrl(baseUrl, key)
  const signedUrl: StorageDriver["signedUrl"] =
    signer &&
    (async (key, { signedAt, expiresIn, contentDisposition, contentType }) => {
      const expiresAt = new Date(signedAt.getTime() + expiresIn * 1000)
      return signer(publicUrl(key), { signedAt, expiresAt, contentDisposition, contentType })
    })
  return { ...passThrough(driver), publicUrl, ...(signedUrl && { signedUrl }) }
}
