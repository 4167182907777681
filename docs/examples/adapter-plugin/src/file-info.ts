import { type FileInfo, OCTET_STREAM, typeOfName } from "@node-storages/core"
import type { Stats } from "ssh2"

/** What a server tells of a file. Its times have whole seconds, too few to make an entity tag of. */
export function fileInfo(name: string, { size, mtime }: Pick<Stats, "size" | "mtime">): FileInfo {
  return { name, size, modified: new Date(mtime * 1000), contentType: typeOfName(name) ?? OCTET_STREAM }
}
