import { nameProblem } from "@node-storages/core"
import { StaticError } from "../static-error.ts"

/** Where the manifest lies in the storage that the files are published to, unless it is given another name. */
export const MANIFEST_NAME: string = "staticfiles.json"
/** Where the manifests of earlier releases are kept, until `prune` removes them. */
const HISTORY_DIRECTORY = ".staticfiles"

/** Where the earlier versions of a manifest are kept: each manifest of a storage has its own history. */
export function historyDirectory(manifest: string): string {
  return `${HISTORY_DIRECTORY}/${manifest}`
}

/** Whether a name is kept for manifests: no file is published under it. In any case, as some disks read names. */
export function isOwnName(name: string, manifest: string): boolean {
  const lower = name.toLowerCase()
  return lower === manifest.toLowerCase() || lower === HISTORY_DIRECTORY || lower.startsWith(`${HISTORY_DIRECTORY}/`)
}

/** The name that the manifest has, checked. @throws StaticError `invalid-option` */
export function manifestName(given: string | undefined): string {
  const name = given ?? MANIFEST_NAME
  const problem = typeof name === "string" ? nameProblem(name) : "it must be a string"
  if (problem === undefined && !isOwnName(name, "")) return name
  const rule = problem ?? `names below "${HISTORY_DIRECTORY}" are kept for earlier versions`
  throw new StaticError(
    "invalid-option",
    `The manifest can't be named ${JSON.stringify(name)}: ${rule}. The default is "${MANIFEST_NAME}".`,
  )
}
