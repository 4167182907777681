import { createHash } from "node:crypto"
import { type FileInfo, OCTET_STREAM, splitExtension, type Storage, typeOfExtension } from "@node-storages/core"
import { type DetectedType, detectType, isActiveType, isTextType, SAMPLE_BYTES } from "../types/detect-type.ts"
import { extensionAgrees } from "../types/extensions.ts"
import { UploadError } from "../upload-error.ts"
import type { Policy } from "./policies.ts"
import type { Ticket } from "./ticket.ts"
import { sizeProblem } from "./whole-upload.ts"

/**
 * Looks at a file under its final name, where nobody but the app can write: its size, its type by its first bytes, and
 * its digest where one was announced. It is read as a whole only for a digest that the service does not tell.
 * @throws UploadError `wrong-size`, `file-too-large`, `wrong-digest`, `type-not-allowed`
 */
export async function verify(storage: Storage, ticket: Ticket, policy: Policy): Promise<FileInfo> {
  const info = await storage.stat(ticket.name)
  const problem = sizeProblem(info.size, ticket, policy)
  if (problem) throw problem
  const { sample, sha256 } = await read(storage, ticket, info)
  if (ticket.sha256 !== undefined && sha256 !== ticket.sha256) {
    throw new UploadError("wrong-digest", `The file's SHA-256 is ${sha256}, and ${ticket.sha256} was announced.`)
  }
  const detected = await detectType(sample, ticket.originalName)
  if (agrees(ticket, detected)) return info
  throw new UploadError(
    "type-not-allowed",
    `The file is ${detected.type} by its content, and ${ticket.type} by its name or what was announced.`,
  )
}

async function read(
  storage: Storage,
  { name, sha256 }: Ticket,
  { checksum }: FileInfo,
): Promise<{ sample: Uint8Array; sha256: string | undefined }> {
  const file = storage.open(name)
  const known = checksum?.sha256?.toLowerCase()
  if (sha256 === undefined || known !== undefined) {
    return { sample: await file.slice(0, SAMPLE_BYTES).bytes(), sha256: known }
  }
  const hash = createHash("sha256")
  const beginning: Uint8Array[] = []
  let kept = 0
  for await (const chunk of file) {
    hash.update(chunk)
    if (kept >= SAMPLE_BYTES) continue
    // Copied: the whole chunk would stay in memory.
    beginning.push(chunk.slice(0, SAMPLE_BYTES - kept))
    kept += beginning.at(-1)!.byteLength
  }
  return { sample: Buffer.concat(beginning), sha256: hash.digest("hex") }
}

/** Whether the bytes are of the type that the file is stored with, so that nobody is misled. */
function agrees({ originalName, type }: Ticket, detected: DetectedType): boolean {
  const [, extension] = splitExtension(originalName)
  const last = extension.slice(extension.lastIndexOf(".") + 1)
  if (last !== "" && typeOfExtension(last) !== undefined) return extensionAgrees(last, detected)
  // Stored as nothing in particular: no browser does anything with it.
  if (type === OCTET_STREAM || type === detected.type) return true
  return isTextType(type) && isTextType(detected.type) && !isActiveType(type) && !detected.active
}
