import type { TestBucket } from "../s3/support.ts"
import { appFolder } from "./app-folder.ts"
import { type Checked, runCheck } from "./check-report.ts"

/** The steps that a bucket passes where all is well and no origin is asked about. */
export const ALL: readonly string[] = [
  "configuration",
  "connection",
  "clock",
  "list",
  "write",
  "stat",
  "read",
  "create",
  "copy",
  "url",
  "privacy",
  "upload",
  "delete",
]

/** The environment that leads to the service of a bucket. */
export function settings({ connection }: TestBucket): Record<string, string> {
  const { endpoint, region, credentials } = connection
  return {
    AWS_ENDPOINT_URL_S3: endpoint,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  }
}

/** Runs the check of a bucket that is named by its URL. */
export function check(
  bucket: TestBucket,
  env: Record<string, string> = {},
  args: string[] = [],
  query = "",
): Promise<Checked> {
  const url = `s3://${bucket.name}?forcePathStyle=true&conditionalCreate=put${query}`
  return runCheck([url, ...args], { cwd: appFolder(), env: { ...settings(bucket), ...env } })
}
