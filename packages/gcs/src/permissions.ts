import type { DriverPermissions, Permission } from "@node-storages/core"
import type { GCSSettings } from "./gcs-options.ts"

const OBJECT_USER = "the role Storage Object User"
const OBJECT_VIEWER = "the role Storage Object Viewer"

/**
 * The permissions of IAM that each operation needs.
 * https://cloud.google.com/storage/docs/access-control/iam-json and
 * https://cloud.google.com/storage/docs/json_api/v1/objects/move
 */
export function gcsPermissions({ bucket, predefinedAcl, userProject }: GCSSettings): DriverPermissions {
  const onBucket = (name: string, grantedBy: string, onlyFor?: string): Permission => ({
    name,
    on: `gs://${bucket}`,
    grantedBy,
    ...(onlyFor !== undefined && { onlyFor }),
  })
  const get = onBucket("storage.objects.get", OBJECT_VIEWER)
  const create = onBucket("storage.objects.create", OBJECT_USER)
  const remove = (onlyFor?: string) => onBucket("storage.objects.delete", OBJECT_USER, onlyFor)
  const replaces = "replacing a file"
  const acl =
    predefinedAcl === undefined ? [] : [onBucket("storage.objects.setIamPolicy", "the role Storage Object Admin")]
  const paying: Permission[] =
    userProject === undefined
      ? []
      : [
          {
            name: "serviceusage.services.use",
            on: `the project ${userProject}`,
            grantedBy: "the role Service Usage Consumer",
          },
        ]
  const signing: Permission = {
    name: "iam.serviceAccounts.signBlob",
    on: "the service account that signs",
    grantedBy: "the role Service Account Token Creator",
    onlyFor: "signing without a private key",
  }
  const put = [create, ...acl, ...paying, remove(replaces)]
  const longer = "content above a chunk"
  return {
    read: [get, ...paying],
    stat: [get, ...paying],
    write: [...put, remove(longer), onBucket("storage.objects.get", OBJECT_USER, longer)],
    delete: [remove(), ...paying],
    list: [onBucket("storage.objects.list", OBJECT_VIEWER), ...paying],
    copy: [get, ...put],
    move: [get, create, remove(), ...paying],
    url: [get, ...paying, signing],
    signedUpload: [...put, signing],
    multipart: [
      onBucket("storage.multipartUploads.create", OBJECT_USER),
      onBucket("storage.multipartUploads.listParts", OBJECT_USER),
      onBucket("storage.multipartUploads.abort", OBJECT_USER),
      onBucket("storage.objects.get", OBJECT_USER),
      ...put,
      signing,
    ],
  }
}
