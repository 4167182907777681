/** Who may do what: an account with access everything, others only read what is public. */
import type { Account } from "./accounts.ts"
import { GcsError, invalid } from "./errors.ts"
import type { Bucket } from "./object-store.ts"

const PREDEFINED_ACLS = [
  "authenticatedRead",
  "bucketOwnerFullControl",
  "bucketOwnerRead",
  "private",
  "projectPrivate",
  "publicRead",
]

export function checkAccess(caller: Account | undefined, permission: string, isPublic = false): void {
  if (caller?.hasAccess || isPublic) return
  const kind = permission.includes(".buckets.") || permission.endsWith(".list") ? "bucket" : "object"
  const what = `${permission} access to the Google Cloud Storage ${kind}.`
  const details = `${caller?.email ?? "Anonymous caller"} does not have ${what}`
  const message = `${details} Permission '${permission}' denied on resource (or it may not exist).`
  const reason = caller ? "forbidden" : "required"
  throw new GcsError(caller ? 403 : 401, { reason, message, code: "AccessDenied", details, header: "Authorization" })
}

export function checkUserProject(bucket: Bucket, userProject: string | undefined): void {
  if (!bucket.options.requesterPays || userProject) return
  throw new GcsError(400, {
    reason: "required",
    message: "Bucket is a requester pays bucket but no user project provided.",
    code: "UserProjectMissing",
  })
}

/** Whether a write makes its object public; undefined when it says nothing about it. */
export function readPredefinedAcl(bucket: Bucket, predefinedAcl: string | null, acl?: unknown): boolean | undefined {
  const hasAcl = Array.isArray(acl) && acl.length > 0
  if (bucket.options.uniformBucketLevelAccess && (predefinedAcl !== null || hasAcl)) {
    const message = "Cannot insert legacy ACL for an object when uniform bucket-level access is enabled."
    const more = "Read more at https://cloud.google.com/storage/docs/uniform-bucket-level-access"
    throw invalid(`${message} ${more}`)
  }
  if (predefinedAcl === null && !hasAcl) return undefined
  if (predefinedAcl !== null && !PREDEFINED_ACLS.includes(predefinedAcl)) {
    throw invalid(`Invalid value for: Invalid format: "${predefinedAcl}" is not a valid predefined ACL`)
  }
  const entries = hasAcl ? (acl as { entity?: unknown }[]) : []
  return predefinedAcl === "publicRead" || entries.some(({ entity }) => entity === "allUsers")
}
