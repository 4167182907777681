import type { DriverPermissions, Permission } from "@node-storages/core"

/**
 * The actions of IAM policies that each operation needs, which services other than AWS take from there.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
 * @param partition of the bucket's name: `"aws"`, `"aws-cn"`
 */
export function s3Permissions(bucket: string, partition: string): DriverPermissions {
  const place = `arn:${partition}:s3:::${bucket}`
  const onObjects = (name: string, onlyFor?: string): Permission => permission(name, `${place}/*`, onlyFor)
  const onKey = (name: string): Permission => permission(name, "the KMS key", "encryption with KMS")
  const listBucket = (onlyFor?: string) => permission("s3:ListBucket", place, onlyFor)
  const read = [
    onObjects("s3:GetObject"),
    // Without it the service answers 403 instead of 404, and tells nobody whether there is such an object.
    listBucket("a missing file"),
    onKey("kms:Decrypt"),
  ]
  const put = [
    onObjects("s3:PutObject"),
    onObjects("s3:PutObjectAcl", "the option acl"),
    onObjects("s3:PutObjectTagging", "tags"),
    onKey("kms:GenerateDataKey"),
  ]
  const onlyForParts = "content above a part"
  return {
    read,
    stat: read.slice(0, 2),
    write: [
      ...put,
      onObjects("s3:GetObject", onlyForParts),
      listBucket(onlyForParts),
      onObjects("s3:AbortMultipartUpload", onlyForParts),
      onObjects("s3:ListMultipartUploadParts", onlyForParts),
      onKey("kms:Decrypt"),
    ],
    delete: [onObjects("s3:DeleteObject")],
    list: [listBucket()],
    copy: [...read, ...put, onObjects("s3:GetObjectTagging", "tags")],
    url: read,
    signedUpload: put,
    multipart: [
      ...put,
      onObjects("s3:ListMultipartUploadParts"),
      onObjects("s3:AbortMultipartUpload"),
      onKey("kms:Decrypt"),
    ],
  }
}

function permission(name: string, on: string, onlyFor: string | undefined): Permission {
  return onlyFor === undefined ? { name, on } : { name, on, onlyFor }
}
