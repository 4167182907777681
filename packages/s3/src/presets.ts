import { StorageError } from "@node-storages/core"
import type { S3StorageOptions } from "./s3-options.ts"

/*
 * Options for S3-compatible services, to be spread into S3Storage's:
 * `new S3Storage("bucket", { ...r2({ accountId }), credentials })`.
 */

function required(preset: string, option: string, value: string): string {
  if (typeof value === "string" && /^[A-Za-z0-9][A-Za-z0-9.-]*$/.test(value)) return value
  throw new StorageError(
    "invalid-option",
    `${preset}(): ${option} ${JSON.stringify(value) ?? "undefined"} is missing or malformed.`,
  )
}

/** Which account of Cloudflare's R2, and where its data are kept. */
export interface R2Options {
  readonly accountId: string
  readonly jurisdiction?: "eu" | "fedramp" | undefined
}

/**
 * Cloudflare R2. Its public addresses are domains that you connect to the bucket: give one as `baseUrl`.
 * Conditional writes: https://developers.cloudflare.com/r2/api/s3/conditional-operations/
 */
export function r2({ accountId, jurisdiction }: R2Options): S3StorageOptions {
  const host = [required("r2", "accountId", accountId), ...(jurisdiction ? [jurisdiction] : [])].join(".")
  return {
    endpoint: `https://${host}.r2.cloudflarestorage.com`,
    region: "auto",
    conditionalCreate: "put-and-multipart",
    conditionalMatch: true,
    postUploads: false,
  }
}

/** MinIO, which honours conditions on both kinds of upload. */
export function minio({ endpoint, region = "us-east-1" }: { endpoint: string; region?: string }): S3StorageOptions {
  return { endpoint, region, forcePathStyle: true, conditionalCreate: "put-and-multipart", conditionalMatch: true }
}

/** Backblaze B2; the region is part of the bucket's endpoint: `"us-west-004"`. */
export function b2({ region }: { region: string }): S3StorageOptions {
  return { endpoint: `https://s3.${required("b2", "region", region)}.backblazeb2.com`, region, postUploads: false }
}

/** DigitalOcean Spaces; the region is the data centre: `"fra1"`. */
export function spaces({ region }: { region: string }): S3StorageOptions {
  return { endpoint: `https://${required("spaces", "region", region)}.digitaloceanspaces.com`, region: "us-east-1" }
}

/** Wasabi; `region` as in its endpoints: `"eu-central-1"`. */
export function wasabi({ region }: { region: string }): S3StorageOptions {
  return { endpoint: `https://s3.${required("wasabi", "region", region)}.wasabisys.com`, region }
}
