import type { S3Client } from "@aws-sdk/client-s3"
import { StorageError } from "@node-storages/core"

/** Where a bucket is, and how requests to it are signed. */
export interface BucketEndpoint {
  /** `"https://bucket.s3.eu-west-1.amazonaws.com"`, or with a path: `"https://s3.example.com/bucket"`. No slash at its end. */
  readonly url: string
  readonly host: string
  /** The path of `url`: `""` or `"/bucket"`. */
  readonly path: string
  readonly region: string
}

interface SigningScheme {
  readonly name?: string
  readonly signingName?: string
  readonly signingRegion?: string
}

/** Which of AWS's endpoints, where the client is configured for another than the usual one. */
interface EndpointVariants {
  readonly UseFIPS?: boolean
  readonly UseDualStack?: boolean
}

/** The bucket's endpoint by the SDK's own rules (partitions, dots in names, path style, dual stack, FIPS). */
export function resolveBucketEndpoint(
  client: S3Client,
  bucket: string,
  region: string,
  endpoint: string | undefined,
  variants: EndpointVariants = {},
): BucketEndpoint {
  const { config } = client
  const resolved = config.endpointProvider({
    Bucket: bucket,
    Region: region,
    ...(endpoint !== undefined && { Endpoint: endpoint }),
    ForcePathStyle: config.forcePathStyle === true,
    Accelerate: config.useAccelerateEndpoint === true,
    ...variants,
  })
  const scheme = (resolved.properties?.["authSchemes"] as readonly SigningScheme[] | undefined)?.[0]
  if (scheme?.name !== undefined && scheme.name !== "sigv4") {
    throw new StorageError(
      "unsupported",
      `URLs of s3://${bucket} can't be signed here: it asks for the scheme "${scheme.name}". Give the storage a "baseUrl" and a "signer".`,
    )
  }
  const { host, pathname, origin } = new URL(resolved.url.href)
  const path = pathname.replace(/\/+$/, "")
  return { url: origin + path, host, path, region: scheme?.signingRegion ?? region }
}

/** The bucket's endpoint by the client's own configuration. */
export async function clientEndpoint(client: S3Client, bucket: string): Promise<BucketEndpoint> {
  const { config } = client
  const variants = { UseFIPS: await config.useFipsEndpoint(), UseDualStack: await config.useDualstackEndpoint() }
  return resolveBucketEndpoint(client, bucket, await config.region(), await customEndpoint(client), variants)
}

/** The client's own endpoint, where one is configured. */
async function customEndpoint(client: S3Client): Promise<string | undefined> {
  if (!client.config.endpoint) return undefined
  const { protocol, hostname, port, path } = await client.config.endpoint()
  return `${protocol}//${hostname}${port ? `:${port}` : ""}${path}`
}
