import { type SignedUpload, type Storage, StorageError } from "@node-storages/core"
import type { DirectUpload, SignedRequest } from "../browser/protocol.ts"
import { UploadError } from "../upload-error.ts"
import { moveToName, statOrNothing } from "./final-name.ts"
import type { Policy, Settings } from "./policies.ts"
import { signatureExpiry, type Ticket, type WholeArrival } from "./ticket.ts"

/*
 * A file that arrives as a whole arrives under a name of its own, and gets its final name when it is completed: a
 * signature is good until it expires, and whoever has it could replace what was looked at by something else.
 */

/** The request that is still to be sent; none where the file is there. */
export async function wholeProgress(
  settings: Settings,
  ticket: Ticket,
  arrival: WholeArrival,
): Promise<Pick<DirectUpload, "request">> {
  const { storage } = settings
  const [arrived, completed] = await Promise.all([
    statOrNothing(storage, arrival.pending),
    statOrNothing(storage, ticket.name),
  ])
  if (completed || arrived?.size === ticket.size) return {}
  return { request: await wholeRequest(settings, ticket, arrival) }
}

export async function wholeRequest(settings: Settings, ticket: Ticket, arrival: WholeArrival): Promise<SignedRequest> {
  const { pending, headers } = arrival
  const options = { ...headers, contentType: ticket.type, expiresIn: signatureExpiry(settings, ticket) }
  const { storage } = settings
  try {
    return requestOf(await storage.signedUpload(pending, { ...options, size: ticket.size }))
  } catch (error) {
    if (!StorageError.is(error, "unsupported")) throw error
    // Azure holds nobody to a size: what has arrived is looked at when the upload is completed.
    return requestOf(await storage.signedUpload(pending, options))
  }
}

export function requestOf({ method, url, headers, fields, expiresAt }: SignedUpload): SignedRequest {
  return { method, url, headers, fields, expiresAt: expiresAt.toISOString() }
}

/**
 * Gives the file its final name, unless it has it.
 * @throws UploadError `not-uploaded`, `wrong-size`, `file-too-large`; what is wrong is removed
 */
export async function settleWhole(
  storage: Storage,
  ticket: Ticket,
  { pending }: WholeArrival,
  policy: Policy,
): Promise<void> {
  const [arrived, completed] = await Promise.all([statOrNothing(storage, pending), statOrNothing(storage, ticket.name)])
  if (completed) {
    // Sent once more after it was completed: that is not what was looked at.
    if (arrived) await storage.delete(pending)
    return
  }
  if (!arrived) throw new UploadError("not-uploaded", "The file has not arrived.")
  const problem = sizeProblem(arrived.size, ticket, policy)
  if (problem) {
    await storage.delete(pending)
    throw problem
  }
  await moveToName(storage, pending, ticket.name)
}

export function sizeProblem(size: number, ticket: Ticket, { maxSize }: Policy): UploadError | undefined {
  if (size > maxSize) {
    return new UploadError("file-too-large", `The file has ${size} bytes, and ${maxSize} are allowed.`)
  }
  if (size === ticket.size) return undefined
  return new UploadError("wrong-size", `The file has ${size} bytes, and ${ticket.size} were announced.`)
}
