import { lookup } from "mrmime"

/** The content type of bytes of which nothing is known. */
export const OCTET_STREAM = "application/octet-stream"

/** Types that people upload every day and that mrmime, which leaves out `vnd.` and `x-` types, does not know. */
const COMMON_VENDOR_TYPES: Readonly<Record<string, string>> = {
  "7z": "application/x-7z-compressed",
  apk: "application/vnd.android.package-archive",
  avi: "video/x-msvideo",
  bz2: "application/x-bzip2",
  dmg: "application/x-apple-diskimage",
  doc: "application/msword",
  docx: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
  eot: "application/vnd.ms-fontobject",
  flac: "audio/flac",
  ico: "image/vnd.microsoft.icon",
  m4v: "video/x-m4v",
  mkv: "video/x-matroska",
  odp: "application/vnd.oasis.opendocument.presentation",
  ods: "application/vnd.oasis.opendocument.spreadsheet",
  odt: "application/vnd.oasis.opendocument.text",
  parquet: "application/vnd.apache.parquet",
  pptx: "application/vnd.openxmlformats-officedocument.presentationml.presentation",
  ppt: "application/vnd.ms-powerpoint",
  psd: "image/vnd.adobe.photoshop",
  rar: "application/vnd.rar",
  tar: "application/x-tar",
  wmv: "video/x-ms-wmv",
  xls: "application/vnd.ms-excel",
  xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
  xz: "application/x-xz",
  zst: "application/zstd",
}

/** The media type of an extension (without its dot), or undefined where it is not known. */
export function typeOfExtension(extension: string): string | undefined {
  const lower = extension.toLowerCase()
  // mrmime looks up in a plain object, which answers "constructor" with a function.
  const type: unknown = lookup(lower)
  if (typeof type === "string") return type
  return Object.hasOwn(COMMON_VENDOR_TYPES, lower) ? COMMON_VENDOR_TYPES[lower] : undefined
}

/** The media type that a name's extension tells, or undefined. `.tar.gz` is `application/gzip`, not an encoded tar. */
export function typeOfName(name: string): string | undefined {
  const fileName = name.slice(name.lastIndexOf("/") + 1)
  const dot = fileName.lastIndexOf(".")
  return dot > 0 ? typeOfExtension(fileName.slice(dot + 1)) : undefined
}
