import { createHash, randomBytes } from "node:crypto"
import { type FileHeaders, type MultipartOptions, StorageError } from "@node-storages/core"

/*
 * Azure knows no uploads, only blocks that are staged under a name, and takes a blob's headers when the blocks are
 * committed. So an upload's id carries the headers. Its blocks are named by a digest of the whole id: with other headers
 * it is the id of an upload that has no blocks.
 */

/** In bytes, as JSON. The whole id then has about 4,000 characters. */
const MOST_HEADERS = 3000
const NONCE_BYTES = 16
const ID = /^[A-Za-z0-9_-]{22}\.([A-Za-z0-9_-]+)$/
/** With the number the names are as long as those that other uploads here and in the SDK have: one length for a blob. */
const TOKEN_CHARACTERS = 36
const NUMBER_DIGITS = 11

type UploadHeaders = Pick<FileHeaders, "cacheControl" | "contentDisposition" | "metadata"> & {
  readonly contentType: string
}

export interface UploadId {
  readonly headers: UploadHeaders
  /** The name of a block, in Base64 as the service has it. */
  blockId(number: number): string
  /** The number of a block of this upload; undefined for another's. */
  numberOf(blockId: string): number | undefined
}

/** @throws StorageError `invalid-option` for more headers than an id can carry */
export function makeUploadId({ contentType, cacheControl, contentDisposition, metadata }: MultipartOptions): string {
  const headers = Buffer.from(JSON.stringify({ contentType, cacheControl, contentDisposition, metadata }))
  if (headers.byteLength > MOST_HEADERS) {
    throw new StorageError(
      "invalid-option",
      `The headers and metadata of an upload in parts to Azure may have ${MOST_HEADERS.toLocaleString("en")} bytes together, ` +
        `and these have ${headers.byteLength}. Keep what is long elsewhere, or let the upload pass through the app: save().`,
    )
  }
  return `${randomBytes(NONCE_BYTES).toString("base64url")}.${headers.toString("base64url")}`
}

/** Undefined for what no upload has as its id. */
export function readUploadId(id: string): UploadId | undefined {
  const [, encoded] = ID.exec(id) ?? []
  const headers = encoded === undefined ? undefined : readHeaders(Buffer.from(encoded, "base64url").toString())
  if (!headers) return undefined
  const token = createHash("sha256").update(id).digest("base64url").slice(0, TOKEN_CHARACTERS)
  return {
    headers,
    blockId: (number) => Buffer.from(`${token}-${String(number).padStart(NUMBER_DIGITS, "0")}`).toString("base64"),
    numberOf(blockId) {
      const name = Buffer.from(blockId, "base64").toString("latin1")
      const digits = name.slice(TOKEN_CHARACTERS + 1)
      const isOurs = name.startsWith(`${token}-`) && digits.length === NUMBER_DIGITS && /^\d+$/.test(digits)
      return isOurs ? Number(digits) : undefined
    },
  }
}

function readHeaders(json: string): UploadHeaders | undefined {
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch {
    return undefined
  }
  if (typeof value !== "object" || value === null) return undefined
  const { contentType, cacheControl, contentDisposition, metadata, ...others } = value as Record<string, unknown>
  const isText = (text: unknown) => text === undefined || typeof text === "string"
  const isWell =
    typeof contentType === "string" &&
    isText(cacheControl) &&
    isText(contentDisposition) &&
    (metadata === undefined || isRecord(metadata)) &&
    Object.keys(others).length === 0
  return isWell ? (value as UploadHeaders) : undefined
}

function isRecord(value: unknown): boolean {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).every((text) => typeof text === "string")
  )
}
