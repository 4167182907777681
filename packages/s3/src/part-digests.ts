import { hash } from "node:crypto"
import { type S3Client, UploadPartCommand } from "@aws-sdk/client-s3"
import { abortError } from "@node-storages/core"
import { orAborted } from "@node-storages/core/adapter"
import type { UploadTarget } from "./multipart.ts"
import { s3ErrorCode } from "./s3-errors.ts"

/**
 * How it is noticed that a part was changed on its way:
 * - `"client"`: the client sends a checksum of its own, as AWS wants it
 * - `"sha256"`: the service compares it with the SHA-256 that the request is signed with
 * - `"md5"`: the entity tag that comes back is compared with the MD5
 */
export type PartDigest = "client" | "sha256" | "md5"

/** By client: whether its service compares; undefined where it gave no clear answer. */
const answers = new WeakMap<S3Client, Promise<boolean | undefined>>()

/**
 * Whether the service refuses a part whose SHA-256 is not the one that was signed. Not all do, so it is asked once: a
 * part of one byte is sent with another byte's digest. Should it be taken, the real first part replaces it.
 */
export async function refusesOtherBytes(
  client: S3Client,
  upload: UploadTarget,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  // Shared by all that upload at once: nobody's signal ends it for the others.
  const asked = answers.get(client) ?? ask(client, upload)
  answers.set(client, asked)
  const refuses = await orAborted(asked, signal, (aborted) => abortError(aborted, "write"))
  if (refuses === undefined) answers.delete(client)
  return refuses ?? false
}

async function ask(client: S3Client, upload: UploadTarget): Promise<boolean | undefined> {
  const command = new UploadPartCommand({ ...upload, PartNumber: 1, Body: Buffer.from("a") })
  signWithDigest(command, Buffer.from("b"))
  try {
    await client.send(command)
    return false
  } catch (error) {
    return s3ErrorCode(error) === "checksum-mismatch" ? true : undefined
  }
}

/** Has the request signed with the SHA-256 of these bytes, whatever the client does by itself. */
export function signWithDigest(command: UploadPartCommand, bytes: Uint8Array): void {
  const digest = hash("sha256", bytes)
  command.middlewareStack.add(
    (next) => (args) => {
      const { headers } = args.request as { headers: Record<string, string> }
      headers["x-amz-content-sha256"] = digest
      return next(args)
    },
    { step: "build", name: "digestOfPart" },
  )
}
