import type { FileInfo, Storage } from "@node-storages/core"
import { listTarget } from "./target.ts"

/** Whether files are there that no release refers to any more: they may have been pruned since the target was listed. */
export async function areThere(
  target: Storage,
  names: readonly string[],
  signal: AbortSignal | undefined,
): Promise<boolean> {
  if (names.length === 0) return true
  const now = await listTarget(target, signal)
  return names.every((name) => now.has(name))
}

/**
 * Whether files are as this collect has stored them. Two that replace names without a hash at the same moment mix them,
 * and storages without conditions take both manifests: whichever ends last sees it here.
 */
export async function areAsStored(
  target: Storage,
  stored: ReadonlyMap<string, FileInfo>,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  if (stored.size === 0) return true
  const now = await listTarget(target, signal)
  return [...stored].every(([name, { size, etag }]) => {
    const listed = now.get(name)
    return listed?.size === size && (etag === undefined || listed.etag === undefined || etag === listed.etag)
  })
}
