/** Something that a provider grants, in the provider's own words. */
export interface Permission {
  /** What the provider calls it: `"s3:PutObject"`. */
  readonly name: string
  /** What it is granted on: `"arn:aws:s3:::bucket/*"`. */
  readonly on: string
  /** What else contains it: `"the role Storage Blob Data Reader, or r in a SAS"`. */
  readonly grantedBy?: string | undefined
  /** For what it is needed, where that is not always: `"content above a part"`. */
  readonly onlyFor?: string | undefined
}

/**
 * What each operation of a storage needs to be allowed. An empty list says that nothing is needed, a missing one that the
 * driver does not tell.
 */
export interface DriverPermissions {
  readonly read: readonly Permission[]
  readonly stat: readonly Permission[]
  readonly write: readonly Permission[]
  readonly delete: readonly Permission[]
  readonly list: readonly Permission[]
  /** `copy` and `copyFrom`, of which the source may be in another place. */
  readonly copy?: readonly Permission[] | undefined
  readonly move?: readonly Permission[] | undefined
  /** Making a signed URL to read, and its use: a service checks then what the signer may do. */
  readonly url?: readonly Permission[] | undefined
  /** Making a signed upload, and its use. */
  readonly signedUpload?: readonly Permission[] | undefined
  readonly multipart?: readonly Permission[] | undefined
}

/** For a person: `"s3:GetObject on arn:aws:s3:::media/*; for a missing file also s3:ListBucket on arn:aws:s3:::media"`. */
export function describePermissions(permissions: readonly Permission[]): string {
  return [...grouped(permissions, ({ onlyFor }) => onlyFor ?? "")]
    .toSorted(([one], [other]) => Number(one !== "") - Number(other !== ""))
    .map(([purpose, needed]) => (purpose === "" ? onEach(needed) : `for ${purpose} also ${onEach(needed)}`))
    .join("; ")
}

/** What has the same place and the same ways to get it is told together. */
function onEach(permissions: readonly Permission[]): string {
  return [...grouped(permissions, ({ on, grantedBy }) => `${on}\n${grantedBy ?? ""}`).values()]
    .map((group) => {
      const { on, grantedBy } = group[0]!
      return `${group.map(({ name }) => name).join(" and ")} on ${on}${grantedBy === undefined ? "" : ` (${grantedBy})`}`
    })
    .join(", ")
}

function grouped(
  permissions: readonly Permission[],
  by: (permission: Permission) => string,
): Map<string, Permission[]> {
  const groups = new Map<string, Permission[]>()
  for (const permission of permissions) {
    const group = groups.get(by(permission))
    if (group) group.push(permission)
    else groups.set(by(permission), [permission])
  }
  return groups
}
