/** What is asked about a storage, beside its backend. */
export type Detail = "bucket" | "region" | "endpoint" | "account"

/** Where a storage is, as it was answered. */
export interface StorageChoice {
  readonly backend: string
  /** Folder, bucket or container. */
  readonly bucket: string
  readonly region: string
  readonly endpoint: string
  readonly account: string
  readonly isPublic: boolean
  /** The public address, `""` for that of the backend itself. */
  readonly url: string
}

/** A backend as `init` offers it. */
export interface Backend {
  readonly title: string
  /** The package of the adapter. */
  readonly package: string
  /** What the adapter's class is called. */
  readonly class: string
  /** A ready-made set of options, by its name in the package. */
  readonly preset?: string
  readonly asks: readonly Detail[]
  /** What a bucket is called there. */
  readonly bucket: string
  readonly regionExample?: string
  readonly endpointExample?: string
  readonly account?: string
  /** Where the credentials come from: a comment in the file. */
  readonly credentials?: string
  /** It has no public address of its own. */
  readonly needsUrl?: boolean
}

const S3 = "@node-storages/s3"
const KEYS = "Credentials: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY of the environment"

export const BACKENDS: Readonly<Record<string, Backend>> = {
  local: {
    title: "a folder of this machine",
    package: "node-storages",
    class: "LocalStorage",
    asks: ["bucket"],
    bucket: "folder",
  },
  s3: {
    title: "Amazon S3",
    package: S3,
    class: "S3Storage",
    asks: ["bucket", "region"],
    bucket: "bucket",
    regionExample: "eu-west-1",
    credentials: `${KEYS}, ~/.aws, or the role of the machine.`,
  },
  r2: {
    title: "Cloudflare R2",
    package: S3,
    class: "S3Storage",
    preset: "r2",
    asks: ["bucket", "account"],
    bucket: "bucket",
    account: "account id",
    credentials: `${KEYS}: an API token of R2.`,
    needsUrl: true,
  },
  minio: {
    title: "MinIO",
    package: S3,
    class: "S3Storage",
    preset: "minio",
    asks: ["bucket", "endpoint"],
    bucket: "bucket",
    endpointExample: "https://minio.example.com",
    credentials: `${KEYS}.`,
  },
  b2: {
    title: "Backblaze B2",
    package: S3,
    class: "S3Storage",
    preset: "b2",
    asks: ["bucket", "region"],
    bucket: "bucket",
    regionExample: "us-west-004",
    credentials: `${KEYS}: an application key of B2.`,
  },
  spaces: {
    title: "DigitalOcean Spaces",
    package: S3,
    class: "S3Storage",
    preset: "spaces",
    asks: ["bucket", "region"],
    bucket: "bucket",
    regionExample: "fra1",
    credentials: `${KEYS}: a Spaces key.`,
  },
  wasabi: {
    title: "Wasabi",
    package: S3,
    class: "S3Storage",
    preset: "wasabi",
    asks: ["bucket", "region"],
    bucket: "bucket",
    regionExample: "eu-central-1",
    credentials: `${KEYS}.`,
  },
  "s3-compatible": {
    title: "another S3-compatible service",
    package: S3,
    class: "S3Storage",
    asks: ["bucket", "endpoint", "region"],
    bucket: "bucket",
    regionExample: "us-east-1",
    endpointExample: "https://s3.example.com",
    credentials: `${KEYS}.`,
  },
  gcs: {
    title: "Google Cloud Storage",
    package: "@node-storages/gcs",
    class: "GCSStorage",
    asks: ["bucket"],
    bucket: "bucket",
    credentials: "Credentials: GOOGLE_APPLICATION_CREDENTIALS, the login of gcloud, or the account of the machine.",
  },
  azure: {
    title: "Azure Blob Storage",
    package: "@node-storages/azure",
    class: "AzureStorage",
    asks: ["bucket", "account"],
    bucket: "container",
    account: "storage account",
    credentials: "Credentials: AZURE_STORAGE_KEY or AZURE_STORAGE_SAS_TOKEN of the environment.",
  },
}

export const BACKEND_NAMES: readonly string[] = Object.keys(BACKENDS)
