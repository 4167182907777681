import { driverOf, type FileInfo, type Storage } from "@node-storages/core"

/** What a storage points at, for messages. */
export function describeTarget(target: Storage): string {
  return driverOf(target)?.target ?? "the target"
}

/**
 * All files of the target by their names: one request per 1,000 files on services. Without headers, which the manifest
 * records: on disk it would read a file of headers for each.
 */
export async function listTarget(target: Storage, signal: AbortSignal | undefined): Promise<Map<string, FileInfo>> {
  const files = new Map<string, FileInfo>()
  for await (const info of target.list("", { headers: false, signal })) files.set(info.name, info)
  return files
}
