import type { S3Client } from "@aws-sdk/client-s3"
import { DriverStorage, joinUrl, type StorageOptions } from "@node-storages/core"
import { BucketAccess } from "./bucket-access.ts"
import { configuredEndpoint, createClient } from "./client.ts"
import { resolveBucketEndpoint } from "./endpoint.ts"
import { arnPartition, serviceOf } from "./place.ts"
import { DirectRequests } from "./requests/direct-requests.ts"
import { type ObjectRequests, officialRequests } from "./requests/object-requests.ts"
import { OwnClient } from "./requests/own-client.ts"
import { s3Driver } from "./s3-driver.ts"
import { type S3StorageOptions, s3Settings } from "./s3-options.ts"

/** Which region's address a public URL gets when none is configured: AWS redirects from its oldest one. */
const DEFAULT_REGION = "us-east-1"

/**
 * Files in a bucket of Amazon S3 or a compatible service. Makes no request and looks for no credentials before it is
 * used.
 * @throws StorageError `invalid-option`
 */
export class S3Storage extends DriverStorage {
  readonly #client: () => S3Client

  constructor(bucket: string, options: S3StorageOptions = {}) {
    const settings = s3Settings(bucket, options)
    let made: OwnClient | undefined
    const own = () => (made ??= new OwnClient(createClient(options)))
    const client = () => options.client ?? own().client
    const compatible =
      options.client === undefined
        ? configuredEndpoint(options) !== undefined
        : options.client.config.isCustomEndpoint === true
    const access = new BucketAccess(client, bucket)
    let requests: ObjectRequests | undefined
    const makeRequests = () =>
      options.client ? officialRequests(options.client) : new DirectRequests(own(), access, bucket, compatible)
    super(
      s3Driver({
        settings,
        client,
        requests: () => (requests ??= makeRequests()),
        access,
        compatible,
        service: () => serviceOf(options),
        partition: arnPartition(options),
        // Where a client of the caller's own is told only asynchronously.
        publicUrl: options.client ? undefined : (key) => joinUrl(publicBase(client(), bucket, options), key),
        close: () => made?.client.destroy(),
      }),
      storageOptions(options),
    )
    this.#client = () => options.client ?? own().give()
  }

  /** The official client, for what this interface does not have. */
  get client(): S3Client {
    return this.#client()
  }
}

function publicBase(client: S3Client, bucket: string, options: S3StorageOptions): string {
  const region = options.region ?? process.env["AWS_REGION"] ?? DEFAULT_REGION
  return resolveBucketEndpoint(client, bucket, region, configuredEndpoint(options)).url
}

function storageOptions({ location, baseUrl, signer, signedUrls, defaults, acl }: S3StorageOptions): StorageOptions {
  const isPublic = acl === "public-read" || acl === "public-read-write"
  const signs = signedUrls ?? (isPublic && !signer ? false : undefined)
  return { location, baseUrl, signer, signedUrls: signs, defaults }
}
