import type { StorageDriver } from "@node-storages/core"

type Provider = "s3" | "gcs" | "azure"

const CREDENTIALS: Readonly<Record<Provider, string>> = {
  s3: "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (--env FILE reads a file), log in with `aws sso login`, or run it on a machine with a role.",
  gcs: "Name a service account's key file in GOOGLE_APPLICATION_CREDENTIALS, log in with `gcloud auth application-default login`, or run it on a machine with an account.",
  azure:
    "Set AZURE_STORAGE_CONNECTION_STRING, or AZURE_STORAGE_ACCOUNT with AZURE_STORAGE_KEY or AZURE_STORAGE_SAS_TOKEN (--env FILE reads a file), or give the storage a credential of @azure/identity.",
}

const MAKE_BUCKET: Readonly<Record<Provider, (bucket: string) => string>> = {
  s3: (bucket) => `Create it: aws s3 mb s3://${bucket}`,
  gcs: (bucket) => `Create it: gcloud storage buckets create gs://${bucket}`,
  azure: (bucket) => `Create it: az storage container create --name ${bucket}`,
}

const MAKE_PUBLIC: Readonly<Record<Provider, string>> = {
  s3: "Allow s3:GetObject to everybody in the bucket's policy and turn off Block Public Access; or leave `signedUrls: false` and `baseUrl` out, so that URLs are signed.",
  gcs: "Grant allUsers the role Storage Object Viewer on the bucket and turn off public access prevention; or leave `signedUrls: false` and `baseUrl` out, so that URLs are signed.",
  azure:
    "Set the container's public access level to Blob (and allow it for the account); or leave `signedUrls: false` and `baseUrl` out, so that URLs are signed.",
}

const MAKE_PRIVATE: Readonly<Record<Provider, string>> = {
  s3: "Turn on Block Public Access for the bucket, and remove the policy or ACL that allows s3:GetObject to everybody. Where the files shall be public, set `signedUrls: false`.",
  gcs: "Remove allUsers from the bucket's permissions, or enforce public access prevention. Where the files shall be public, set `signedUrls: false`.",
  azure:
    "Set the container's public access level to Private. Where the files shall be public, set `signedUrls: false`.",
}

const SET_CORS: Readonly<Record<Provider, (bucket: string, origin: string) => string>> = {
  s3: (bucket, origin) =>
    `aws s3api put-bucket-cors --bucket ${bucket} --cors-configuration '${corsRules(origin)}' (other services: their own console or API)`,
  gcs: (bucket, origin) =>
    `gcloud storage buckets update gs://${bucket} --cors-file=cors.json, the file holding [{"origin":["${origin}"],"method":["GET","PUT","POST"],"responseHeader":["*"],"maxAgeSeconds":3600}]`,
  azure: (_, origin) =>
    `az storage cors add --services b --methods GET PUT OPTIONS --origins ${origin} --allowed-headers '*' --exposed-headers '*' --max-age 3600`,
}

function corsRules(origin: string): string {
  const rule = { AllowedOrigins: [origin], AllowedMethods: ["GET", "PUT", "POST"], AllowedHeaders: ["*"] }
  return JSON.stringify({ CORSRules: [rule] })
}

function providerOf(driver: StorageDriver | undefined): Provider | undefined {
  const name = driver?.name
  return name === "s3" || name === "gcs" || name === "azure" ? name : undefined
}

/** The way out of an error that a service gave, in the words of its provider. */
export function hintFor(driver: StorageDriver | undefined, code: string, error: unknown): string | undefined {
  const provider = providerOf(driver)
  if (code === "wrong-region") return regionHint(error)
  if (skews(error))
    return "This machine's clock is wrong: the service takes no signature that is older than 15 minutes."
  if (provider === undefined) return undefined
  if (code === "unauthenticated") return CREDENTIALS[provider]
  return code === "bucket-not-found" ? MAKE_BUCKET[provider](bucketOf(driver!)) : undefined
}

export function publicHint(driver: StorageDriver | undefined): string | undefined {
  const provider = providerOf(driver)
  return provider && MAKE_PUBLIC[provider]
}

export function privateHint(driver: StorageDriver | undefined): string | undefined {
  const provider = providerOf(driver)
  return provider && MAKE_PRIVATE[provider]
}

export function corsHint(driver: StorageDriver | undefined, origin: string): string | undefined {
  const provider = providerOf(driver)
  return provider === undefined
    ? `Let the server that has the files answer with Access-Control-Allow-Origin: ${origin}.`
    : SET_CORS[provider](bucketOf(driver!), origin)
}

function bucketOf(driver: StorageDriver): string {
  return /^[a-z\d]+:\/\/([^/]+)/.exec(driver.target)?.[1] ?? driver.target
}

interface ServiceFailure {
  readonly name?: string
  readonly message?: string
  readonly Region?: string
  readonly $response?: { readonly headers?: Readonly<Record<string, string>> }
}

/** Where the bucket is: S3 tells it in a header, in the answer, or in the message. */
function regionHint(error: unknown): string | undefined {
  for (const failure of causes(error)) {
    const { Region, message = "", $response } = failure
    const region =
      $response?.headers?.["x-amz-bucket-region"] ?? Region ?? /expecting '([\w-]+)'/.exec(message)?.[1] ?? undefined
    if (region !== undefined && /^[\w-]+$/.test(region)) return `The bucket is in ${region}: set region: "${region}".`
  }
  return undefined
}

function skews(error: unknown): boolean {
  return causes(error).some(({ name }) => name === "RequestTimeTooSkewed")
}

function causes(error: unknown): ServiceFailure[] {
  const found: ServiceFailure[] = []
  for (let current = error; current instanceof Error && found.length < 5; current = current.cause) {
    found.push(current)
  }
  return found
}
