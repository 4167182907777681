import { decodeMetadata, encodeMetadata } from "@node-storages/core/adapter"

/*
 * Azure takes only C# identifiers as names of metadata. Every other character is written as `_xHHHH_`, its UTF-16 code in
 * hexadecimal: the convention of .NET's XmlConvert.EncodeName, which other tools read.
 */

/**
 * What can't stand in an identifier, a digit at its beginning, and an underscore that would look like the beginning of an
 * escape: before `_` and before whatever will be written with one.
 */
const UNSAFE = /^[0-9]|[^A-Za-z0-9_]|_(?=x[0-9a-f]{4}[^A-Za-z0-9])/gi
const ESCAPE = /_x([0-9a-f]{4})_/gi

/** Metadata as the service can hold it. */
export function toAzureMetadata(metadata: Readonly<Record<string, string>>): Record<string, string> {
  return renamed(encodeMetadata(metadata), (name) =>
    name.replace(UNSAFE, (character) => `_x${character.charCodeAt(0).toString(16).padStart(4, "0")}_`),
  )
}

/** The inverse of `toAzureMetadata`. */
export function fromAzureMetadata(metadata: Readonly<Record<string, string>>): Record<string, string> {
  return renamed(decodeMetadata(metadata), (name) =>
    name.replace(ESCAPE, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16))),
  )
}

/** Hadoop's mark, which accounts with a hierarchical namespace set on what is a directory and lists as a blob. */
export function isDirectory(metadata: Readonly<Record<string, string>> | undefined): boolean {
  return metadata?.["hdi_isfolder"]?.toLowerCase() === "true"
}

function renamed(record: Readonly<Record<string, string>>, rename: (name: string) => string): Record<string, string> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [rename(name), value]))
}
