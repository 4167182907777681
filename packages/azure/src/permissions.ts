import type { DriverPermissions, Permission } from "@node-storages/core"

const READER = "the role Storage Blob Data Reader"
const CONTRIBUTOR = "the role Storage Blob Data Contributor"
const OWNER = "the role Storage Blob Data Owner"

/**
 * The data actions of roles, and the letters of shared access signatures, that each operation needs. The account's key may
 * do everything.
 * https://learn.microsoft.com/rest/api/storageservices/authorize-with-azure-active-directory#permissions-for-blob-service-operations
 * https://learn.microsoft.com/rest/api/storageservices/create-service-sas#permissions-for-a-directory-container-or-blob
 */
export function azurePermissions(container: string): DriverPermissions {
  const onBlobs = (action: string, role: string, letters: string, onlyFor?: string): Permission => ({
    name: `Microsoft.Storage/storageAccounts/blobServices/containers/blobs/${action}`,
    on: `the container "${container}"`,
    grantedBy: `${role}, or ${letters} in a SAS`,
    ...(onlyFor !== undefined && { onlyFor }),
  })
  const read = (onlyFor?: string) => onBlobs("read", READER, "r", onlyFor)
  const tags = onBlobs("tags/write", OWNER, "t", "tags")
  const write = [onBlobs("write", CONTRIBUTOR, "c and w"), tags]
  const remove = onBlobs("delete", CONTRIBUTOR, "d")
  const signing: Permission = {
    name: "Microsoft.Storage/storageAccounts/blobServices/generateUserDelegationKey/action",
    on: "the storage account",
    grantedBy: "the role Storage Blob Delegator",
    onlyFor: "signing with a credential of Microsoft Entra ID",
  }
  return {
    read: [read()],
    stat: [read()],
    write: [...write, read("content above a block")],
    delete: [remove],
    list: [onBlobs("read", READER, "l")],
    copy: [read(), ...write, onBlobs("tags/read", OWNER, "t", "tags"), signing],
    url: [read(), signing],
    signedUpload: [...write, signing],
    multipart: [read(), ...write, signing],
  }
}
