import type { S3Client } from "@aws-sdk/client-s3"
import type { ObjectPlace } from "@node-storages/core"
import { serviceOfPlace } from "@node-storages/core/adapter"
import { configuredEndpoint } from "./client.ts"
import { customerKey } from "./headers.ts"
import type { S3Settings, S3StorageOptions } from "./s3-options.ts"

/**
 * What storages have in common between which the service copies by itself. It has to be too narrow rather than too
 * wide: a bucket of the same name elsewhere would be copied from in silence. So it is
 * - on AWS the partition, as far as a region is configured: names of buckets are unique within one, whatever the region
 * - on another service the endpoint and who asks: there are services on which each account has names of its own
 * - of a client of the caller's, which tells its endpoint and region only asynchronously, that client
 */
export function serviceOf(options: S3StorageOptions): string {
  if (options.client) return `s3 client ${numberOf(options.client)}`
  const endpoint = configuredEndpoint(options)
  if (endpoint === undefined) return `s3 ${partition(options.region ?? (process.env["AWS_REGION"] || undefined))}`
  return `s3 ${new URL(endpoint).href.replace(/\/+$/, "")} ${whoAsks(options.credentials)}`
}

/** Undefined for an object that is encrypted with the customer's own key, which its place does not hold. */
export function placeOf(settings: S3Settings, service: string, key: string): ObjectPlace | undefined {
  if (customerKey(settings.objectParameters(key)).SSECustomerKey !== undefined) return undefined
  return { service: serviceOfPlace(service, settings.compressedTypes), bucket: settings.bucket, key }
}

/** https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html */
function partition(region: string | undefined): string {
  if (region === undefined) return "aws of the shared configuration"
  return /^(cn|us-gov|us-iso\w*|eu-iso\w*|eusc)-/.exec(region)?.[1] ?? "aws"
}

/** By what their regions begin with. */
const ARN_PARTITIONS: Readonly<Record<string, string>> = {
  cn: "aws-cn",
  "us-gov": "aws-us-gov",
  "us-iso": "aws-iso",
  "us-isob": "aws-iso-b",
  "us-isof": "aws-iso-f",
  "eu-isoe": "aws-iso-e",
  eusc: "aws-eusc",
}

/** As names of resources have it. Services other than AWS use that of AWS. */
export function arnPartition(options: S3StorageOptions): string {
  if (configuredEndpoint(options) !== undefined) return "aws"
  const region = options.region ?? (process.env["AWS_REGION"] || undefined)
  return ARN_PARTITIONS[partition(region)] ?? "aws"
}

function whoAsks(credentials: S3StorageOptions["credentials"]): string {
  if (credentials === undefined) return "environment"
  return typeof credentials === "function" ? `provider ${numberOf(credentials)}` : credentials.accessKeyId
}

const numbers = new WeakMap<S3Client | object, number>()
let count = 0

/** The same number for the same object. */
function numberOf(object: S3Client | object): number {
  const number = numbers.get(object) ?? ++count
  numbers.set(object, number)
  return number
}
