import { contentDisposition, OCTET_STREAM, typeOfName, type UploadOptions } from "@node-storages/core"
import { cleanName, type NamedFile } from "../names.ts"
import { isAllowed } from "../types/allowed-types.ts"
import { isActiveType } from "../types/detect-type.ts"
import { UploadError } from "../upload-error.ts"
import type { Policy, UploadDeclaration } from "./policies.ts"

/** A person's file name is not longer on any system. In characters. */
const LONGEST_NAME = 1000
const MEDIA_TYPE = /^[a-z\d][\w!#$&^.+-]*\/[a-z\d][\w!#$&^.+-]*$/

/** What a file is stored with beside its type. */
export type StoredHeaders = Pick<UploadOptions, "cacheControl" | "contentDisposition" | "metadata">

/** Refuses what is no declaration, and what the policy does not allow by its own word. @throws UploadError */
export function checkDeclaration(upload: UploadDeclaration, policy: Policy): void {
  const { name, size, type, sha256, owner } = upload
  const malformed = (problem: string) => new UploadError("malformed-request", `${problem}.`)
  if (typeof name !== "string" || name.length > LONGEST_NAME) {
    throw malformed(`"name" must be the file's name, of ${LONGEST_NAME} characters at most`)
  }
  if (!Number.isSafeInteger(size) || size < 0) throw malformed('"size" must be the file\'s size in bytes')
  if (type !== undefined && typeof type !== "string") throw malformed('"type" must be a media type')
  if (owner !== undefined && typeof owner !== "string") throw malformed('"owner" must be a text')
  if (sha256 !== undefined && !(typeof sha256 === "string" && /^[\da-f]{64}$/i.test(sha256))) {
    throw malformed('"sha256" must be a digest of 64 hexadecimal digits')
  }
  if (size > policy.maxSize) {
    throw new UploadError("file-too-large", `The file has ${size} bytes, and ${policy.maxSize} are allowed.`)
  }
  const stored = storedType(upload)
  if (isAllowed(stored, policy.types)) return
  const allowed = policy.types!.join(", ")
  throw new UploadError("type-not-allowed", `The file is ${stored} by its name. Allowed is: ${allowed}.`)
}

/** The type that the name tells; where it tells none, the one that the client gave. */
export function storedType({ name, type }: UploadDeclaration): string {
  const given = type?.split(";", 1)[0]!.trim().toLowerCase() ?? ""
  return typeOfName(cleanName(name)) ?? (MEDIA_TYPE.test(given) ? given : OCTET_STREAM)
}

/** Headers of the stored file. What browsers run they only save, so that it never runs on the storage's origin. */
export function storedHeaders(policy: Policy, upload: UploadDeclaration, type: string): StoredHeaders {
  const metadata = policy.metadata(upload)
  return {
    ...(policy.cacheControl !== undefined && { cacheControl: policy.cacheControl }),
    ...(isActiveType(type) && { contentDisposition: contentDisposition("attachment", cleanName(upload.name)) }),
    ...(metadata && { metadata }),
  }
}

/** The file for the patterns of names. */
export function namedFile(upload: UploadDeclaration, contentType: string): NamedFile {
  return {
    field: upload.policy,
    originalName: upload.name,
    name: cleanName(upload.name),
    contentType,
    fields: new URLSearchParams(),
  }
}
