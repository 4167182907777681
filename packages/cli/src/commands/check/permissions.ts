import type { DriverPermissions, Permission, StorageDriver } from "@node-storages/core"
import { columns } from "../../output/text.ts"

/** A permission with the operations that need it. */
interface Needed extends Permission {
  readonly operations: readonly string[]
}

/** What an IAM policy of S3 looks like. */
interface Policy {
  readonly Version: "2012-10-17"
  readonly Statement: readonly { Effect: "Allow"; Action: readonly string[]; Resource: string }[]
}

export interface PermissionReport {
  readonly permissions: readonly Needed[]
  /** Of S3: what a user or role is given. Optional purposes that the library's own options bring are left out. */
  readonly policy?: Policy
}

/** Everything that the configuration may need; undefined where the driver does not tell. */
export function permissionsOf(driver: StorageDriver | undefined): PermissionReport | undefined {
  const { permissions } = driver ?? {}
  if (permissions === undefined) return undefined
  const needed = merged(permissions)
  return { permissions: needed, ...(driver!.name === "s3" && { policy: policyOf(needed) }) }
}

/** What one operation needs always and another one sometimes is needed always. */
function merged(permissions: DriverPermissions): Needed[] {
  const found = new Map<string, { permission: Permission; operations: string[] }>()
  for (const [operation, list] of Object.entries(permissions) as [string, readonly Permission[] | undefined][]) {
    for (const permission of list ?? []) {
      const key = JSON.stringify([permission.name, permission.on, permission.grantedBy])
      const known = found.get(key)
      if (known === undefined) {
        found.set(key, { permission, operations: [operation] })
      } else {
        if (!known.operations.includes(operation)) known.operations.push(operation)
        if (permission.onlyFor === undefined) known.permission = permission
      }
    }
  }
  return [...found.values()].map(({ permission, operations }) => ({ ...permission, operations }))
}

/** Purposes that every app has: the others come with options, and are told beside the policy. */
const USUAL = new Set([undefined, "a missing file", "content above a part"])

function policyOf(needed: readonly Needed[]): Policy {
  const actions = new Map<string, string[]>()
  for (const { name, on, onlyFor } of needed) {
    if (!USUAL.has(onlyFor)) continue
    actions.set(on, [...(actions.get(on) ?? []), name])
  }
  const Statement = [...actions].map(([Resource, Action]) => ({ Effect: "Allow" as const, Action, Resource }))
  return { Version: "2012-10-17", Statement }
}

/** The report in lines: what is always needed, what only for some purposes, and the policy. */
export function permissionLines({ permissions, policy }: PermissionReport): string[] {
  if (permissions.length === 0) return ["  It needs no permissions."]
  const rows = (list: readonly Needed[]): string[] =>
    columns(
      list.map(({ name, on, grantedBy, onlyFor, operations }) => [
        `  ${name}`,
        on,
        onlyFor === undefined ? operations.join(", ") : `only for ${onlyFor}`,
        grantedBy ?? "",
      ]),
    )
  const always = permissions.filter(({ onlyFor }) => onlyFor === undefined)
  const sometimes = permissions.filter(({ onlyFor }) => onlyFor !== undefined)
  const lines = [...rows(always), ...(sometimes.length > 0 ? ["", ...rows(sometimes)] : [])]
  if (policy === undefined) return lines
  return [
    ...lines,
    "",
    ...JSON.stringify(policy, null, 2)
      .split("\n")
      .map((line) => `  ${line}`),
  ]
}
