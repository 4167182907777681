import { type FileInfo, OCTET_STREAM, typeOfName } from "@node-storages/core"

/**
 * What is known of a plain file, without a type that its extension tells: that is the type of its name, and not of what
 * a copy will be called.
 */
export function withoutDerivedType(info: FileInfo): FileInfo {
  const { contentType, ...others } = info
  return contentType === (typeOfName(info.name) ?? OCTET_STREAM) ? others : info
}
