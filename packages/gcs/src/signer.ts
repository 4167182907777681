import { createPrivateKey } from "node:crypto"
import type { Storage as Client } from "@google-cloud/storage"
import { StorageError } from "@node-storages/core"
import { authOf } from "./client.ts"
import type { GCSSettings } from "./gcs-options.ts"
import type { JsonApi } from "./json-api.ts"
import { signingBy } from "./key-signatures.ts"
import type { Signer } from "./signature.ts"

/** How many signatures are remembered: a rounded URL is signed once in its window, which by IAM is a request. */
const REMEMBERED = 1000

/** What there is to see of the auth library's clients here. */
interface AuthClient {
  readonly email?: string
  readonly key?: string
  /** Impersonated accounts sign by IAM themselves. */
  sign?(text: string): Promise<{ signedBlob: string }>
  getTargetPrincipal?(): string
}

/**
 * The signer of the client's credentials: with their private key where they have one, else by IAM's signBlob, for which
 * the account needs `iam.serviceAccounts.signBlob` on itself.
 */
export async function createSigner(client: Client, api: JsonApi, settings: GCSSettings): Promise<Signer> {
  const auth = authOf(client)
  const found = (await auth.getClient()) as AuthClient
  const { serviceAccountEmail } = settings
  if (found.key !== undefined && found.email !== undefined && (serviceAccountEmail ?? found.email) === found.email) {
    return remembering({ account: found.email, sign: signingBy(createPrivateKey(found.key)) })
  }
  if (found.sign && found.getTargetPrincipal && serviceAccountEmail === undefined) {
    const sign = async (text: string) => Buffer.from((await found.sign!(text)).signedBlob, "base64")
    return remembering({ account: found.getTargetPrincipal(), sign })
  }
  const account = serviceAccountEmail ?? (await accountOf(client, settings))
  return remembering({ account, sign: byIam(api, settings.signingEndpoint, account) })
}

/** The account that the credentials (or this machine) have. */
async function accountOf(client: Client, { bucket }: GCSSettings): Promise<string> {
  let cause: unknown
  try {
    const { client_email: account } = await authOf(client).getCredentials()
    if (account) return account
  } catch (error) {
    cause = error
  }
  throw new StorageError(
    "unauthenticated",
    `URLs of gs://${bucket} can't be signed: these credentials name no service account. ` +
      "Set the option serviceAccountEmail to one that they may sign for, or use a service account's key.",
    { storage: `gs://${bucket}`, cause },
  )
}

/** https://cloud.google.com/iam/docs/reference/credentials/rest/v1/projects.serviceAccounts/signBlob */
function byIam(api: JsonApi, endpoint: string, account: string): Signer["sign"] {
  return async (text) => {
    const { data } = await api.send<{ signedBlob: string }>({
      method: "POST",
      path: `${endpoint}${encodeURIComponent(account)}:signBlob`,
      body: { payload: Buffer.from(text).toString("base64") },
    })
    return Buffer.from(data.signedBlob, "base64")
  }
}

/** The same text is signed once, also for those who ask at the same time. */
function remembering({ account, sign }: Signer): Signer {
  const signatures = new Map<string, Promise<Buffer>>()
  return {
    account,
    sign(text) {
      const known = signatures.get(text)
      if (known) return known
      const signature = sign(text)
      signature.catch(() => signatures.delete(text))
      signatures.set(text, signature)
      if (signatures.size > REMEMBERED) signatures.delete(signatures.keys().next().value!)
      return signature
    },
  }
}
