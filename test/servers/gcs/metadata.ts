/** The metadata that clients may write: what is read from a request, and how a patch changes it. */
import { invalid } from "./errors.ts"

const LARGEST_CUSTOM_BYTES = 8 * 1024
const STORAGE_CLASSES = ["STANDARD", "NEARLINE", "COLDLINE", "ARCHIVE", "MULTI_REGIONAL", "REGIONAL"]
export const TEXT_FIELDS = [
  "contentType",
  "cacheControl",
  "contentDisposition",
  "contentEncoding",
  "contentLanguage",
] as const

export interface Metadata {
  contentType?: string
  cacheControl?: string
  contentDisposition?: string
  contentEncoding?: string
  contentLanguage?: string
  customTime?: string
  storageClass: string
  /** Custom pairs. */
  metadata: Record<string, string>
}

const WRITABLE_FIELDS: readonly string[] = [...TEXT_FIELDS, "customTime", "storageClass", "metadata", "acl"]
const NONE: Metadata = { storageClass: "STANDARD", metadata: {} }

/** Of a new object, from the JSON that describes it. Fields that only the service writes are ignored, as it does. */
export function readMetadata(body: Record<string, unknown>): Metadata {
  return changeMetadata(NONE, body)
}

/** What of a body the service takes notice of. */
export function writableFields(body: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(body).filter(([name]) => WRITABLE_FIELDS.includes(name)))
}

/** With null a field or a custom pair goes. */
export function changeMetadata(old: Metadata, patch: Record<string, unknown>): Metadata {
  const changed: Metadata = { ...old, metadata: { ...old.metadata } }
  for (const name of TEXT_FIELDS) changeText(changed, name, patch[name])
  changeCustomTime(changed, patch["customTime"])
  if (patch["storageClass"] !== undefined && patch["storageClass"] !== null) {
    changed.storageClass = checkStorageClass(patch["storageClass"])
  }
  if (patch["metadata"] !== undefined) changed.metadata = changeCustom(changed.metadata, patch["metadata"])
  return changed
}

/** Of an object that is written with `update`: what the body lacks is gone. */
export function replaceMetadata(old: Metadata, body: Record<string, unknown>): Metadata {
  const kept: Metadata = { storageClass: old.storageClass, metadata: {} }
  if (old.customTime !== undefined) kept.customTime = old.customTime
  return changeMetadata(kept, body)
}

function changeText(metadata: Metadata, name: (typeof TEXT_FIELDS)[number], value: unknown): void {
  if (value === undefined) return
  if (value === null || value === "") delete metadata[name]
  else if (typeof value !== "string" || /[\r\n\0]/.test(value)) throw invalid(`Invalid value for ${name}`)
  else metadata[name] = value
}

/** It only moves forward, and never goes. https://cloud.google.com/storage/docs/metadata#custom-time */
function changeCustomTime(metadata: Metadata, value: unknown): void {
  if (value === undefined) return
  const time = typeof value === "string" ? Date.parse(value) : Number.NaN
  if (value === null && metadata.customTime === undefined) return
  if (Number.isNaN(time)) throw invalid("Invalid value for customTime")
  if (metadata.customTime !== undefined && time < Date.parse(metadata.customTime)) {
    throw invalid("Custom time cannot be set to a value earlier than the current one.")
  }
  metadata.customTime = new Date(time).toISOString()
}

function checkStorageClass(value: unknown): string {
  if (STORAGE_CLASSES.includes(String(value))) return String(value)
  throw invalid(`Invalid argument: storage class ${String(value)}`, "InvalidStorageClass")
}

function changeCustom(old: Record<string, string>, patch: unknown): Record<string, string> {
  if (patch === null) return {}
  if (typeof patch !== "object" || Array.isArray(patch)) throw invalid("Invalid value for metadata")
  const changed = { ...old }
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete changed[name]
    else if (typeof value !== "string" || name === "") throw invalid(`Invalid value for metadata: ${name}`)
    else changed[name] = value
  }
  const bytes = Object.entries(changed).flat().join("")
  if (Buffer.byteLength(bytes) > LARGEST_CUSTOM_BYTES) {
    const message = `The total size of custom metadata must be at most ${LARGEST_CUSTOM_BYTES} bytes.`
    throw invalid(message, "MetadataTooLarge")
  }
  return changed
}
