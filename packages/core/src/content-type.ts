import { mediaTypes } from "./media-types.ts"

/** The content type of bytes of which nothing is known. */
export const OCTET_STREAM = "application/octet-stream"

/** The media type of an extension (without its dot), or undefined where it is not known. */
export function typeOfExtension(extension: string): string | undefined {
  const lower = extension.trim().toLowerCase()
  return mediaTypes().get(lower.slice(lower.lastIndexOf(".") + 1))
}

/** The media type that a name's extension tells, or undefined. `.tar.gz` is `application/gzip`, not an encoded tar. */
export function typeOfName(name: string): string | undefined {
  const fileName = name.slice(name.lastIndexOf("/") + 1)
  const dot = fileName.lastIndexOf(".")
  return dot > 0 ? typeOfExtension(fileName.slice(dot + 1)) : undefined
}
