import { createHmac, createSecretKey, type KeyObject } from "node:crypto"
import type { StorageSharedKeyCredential, UserDelegationKey } from "@azure/storage-blob"
import { type DelegatedSigner, parameter, sasTime, type TextSigner } from "./sas.ts"

/** Signs with the account's key, which is read once: the SDK reads it for each signature, which is most of its cost. */
export function accountSigner(credential: StorageSharedKeyCredential): TextSigner {
  // Private in the SDK's types.
  const key: unknown = Reflect.get(credential, "accountKey")
  return key instanceof Uint8Array ? signerOf(createSecretKey(key)) : (text) => credential.computeHMACSHA256(text)
}

/** Signs with a user delegation key, which is read once. */
export function delegatedSigner(key: UserDelegationKey): DelegatedSigner {
  const { signedObjectId, signedTenantId, signedService, signedVersion, signedDelegatedUserTenantId } = key
  const [start, expiry] = [sasTime(key.signedStartsOn), sasTime(key.signedExpiresOn)]
  const secret = createSecretKey(key.value, "base64")
  return {
    // At the end: no agent that is authorised beforehand, none at all, no correlation, and no user whom it is for.
    lines: [
      signedObjectId,
      signedTenantId,
      start,
      expiry,
      signedService,
      signedVersion,
      "",
      "",
      "",
      signedDelegatedUserTenantId ?? "",
      "",
    ].join("\n"),
    parameters:
      parameter("skoid", signedObjectId) +
      parameter("sktid", signedTenantId) +
      parameter("skt", start) +
      parameter("ske", expiry) +
      parameter("sks", signedService) +
      parameter("skv", signedVersion),
    lastParameters: parameter("skdutid", signedDelegatedUserTenantId),
    sign: signerOf(secret),
  }
}

function signerOf(key: KeyObject): TextSigner {
  return (text) => createHmac("sha256", key).update(text).digest("base64")
}
