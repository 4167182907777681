import { type MultipartUpload, type Storage, StorageError, type UploadedPart } from "@node-storages/core"
import type { DirectUpload, SignedPart } from "../browser/protocol.ts"
import { UploadError } from "../upload-error.ts"
import type { StoredHeaders } from "./declaration.ts"
import { moveToName } from "./final-name.ts"
import type { Settings } from "./policies.ts"
import { type PartArrival, partCount, signatureExpiry, sizeOfPart, type Ticket } from "./ticket.ts"
import { requestOf } from "./whole-upload.ts"

/** How many parts are signed by one call. */
const MOST_SIGNED = 100
const MIB = 2 ** 20

/**
 * Begins an upload in parts; undefined where the storage takes none.
 * @param pending another name, for a storage that can't hold a signature to one part
 * @throws UploadError `file-too-large`
 */
export async function startParts(
  { storage, partSize }: Settings,
  name: string,
  pending: string,
  size: number,
  contentType: string,
  headers: StoredHeaders,
): Promise<PartArrival | undefined> {
  const target = (await holdsSignatures(storage, pending)) ? name : pending
  let upload: MultipartUpload
  try {
    upload = await storage.startMultipart(target, { ...headers, contentType })
  } catch (error) {
    if (StorageError.is(error, "unsupported")) return undefined
    throw error
  }
  const { smallest, largest, count } = upload.limits
  // Whole MiB, which every service likes.
  const least = Math.max(smallest, Math.ceil(size / count))
  const chosen = partSize >= least ? partSize : Math.ceil(least / MIB) * MIB
  if (chosen <= largest) return { as: "parts", target, uploadId: upload.id, partSize: chosen }
  await upload.abort()
  throw new UploadError(
    "file-too-large",
    `The file has ${size} bytes, and the storage takes ${largest * count} at most.`,
  )
}

/**
 * Whether a signed request is good for what it was signed for only. What can't be held to a size can't be held to a part
 * either: on Azure whoever may send a part may write the whole file, also when it was looked at.
 */
async function holdsSignatures(storage: Storage, name: string): Promise<boolean> {
  try {
    await storage.signedUpload(name, { size: 1 })
    return true
  } catch (error) {
    if (StorageError.is(error, "unsupported")) return false
    throw error
  }
}

/** Which parts have arrived; nothing where they have become a file. @throws UploadError `upload-expired` */
export async function partProgress(
  storage: Storage,
  ticket: Ticket,
  arrival: PartArrival,
): Promise<Pick<DirectUpload, "parts">> {
  const parts = await partsOf(storage, arrival)
  if (parts) return { parts: { ...layout(ticket, arrival), arrived: wholeParts(parts, ticket, arrival).map(numberOf) } }
  if (await isThere(storage, ticket, arrival)) return {}
  throw gone()
}

export function layout({ size }: Ticket, { partSize }: PartArrival): { size: number; count: number } {
  return { size: partSize, count: partCount(size, partSize) }
}

/** @throws UploadError `malformed-request` for numbers of no parts, and too many of them */
export async function signParts(
  settings: Settings,
  ticket: Ticket,
  { target, uploadId, partSize }: PartArrival,
  numbers: readonly number[],
): Promise<readonly SignedPart[]> {
  const count = partCount(ticket.size, partSize)
  const isPart = (number: unknown) => Number.isInteger(number) && (number as number) >= 1 && (number as number) <= count
  if (!Array.isArray(numbers) || numbers.length > MOST_SIGNED || !numbers.every(isPart)) {
    throw new UploadError("malformed-request", `"numbers" must be up to ${MOST_SIGNED} numbers from 1 to ${count}.`)
  }
  const upload = settings.storage.multipart(target, uploadId)
  const expiresIn = signatureExpiry(settings, ticket)
  return Promise.all(
    numbers.map(async (number) => {
      const size = sizeOfPart(ticket.size, partSize, number)
      return { number, ...requestOf(await upload.signPart(number, { size, expiresIn })) }
    }),
  )
}

/** Makes the file of its parts, unless it is there. @throws UploadError `not-uploaded`, `upload-expired` */
export async function settleParts(storage: Storage, ticket: Ticket, arrival: PartArrival): Promise<void> {
  const { name } = ticket
  const { target } = arrival
  if (target !== name && (await storage.exists(name))) {
    // Written once more after it was completed: that is not what was looked at.
    await storage.delete(target)
    return
  }
  const parts = await partsOf(storage, arrival)
  if (parts) await complete(storage, ticket, arrival, parts)
  else if (!(await isThere(storage, ticket, arrival))) throw gone()
  if (target !== name) await moveToName(storage, target, name)
}

async function complete(
  storage: Storage,
  ticket: Ticket,
  arrival: PartArrival,
  parts: readonly UploadedPart[],
): Promise<void> {
  const { target, uploadId } = arrival
  const { count } = layout(ticket, arrival)
  const whole = wholeParts(parts, ticket, arrival)
  if (whole.length < count) {
    throw new UploadError("not-uploaded", `Of the file's ${count} parts ${whole.length} have arrived.`)
  }
  try {
    await storage.multipart(target, uploadId).complete(whole)
  } catch (error) {
    // Completed by another call at the same time.
    if (!StorageError.is(error, "not-found") || !(await isThere(storage, ticket, arrival))) throw error
  }
}

/** Whether the parts have become a file, which may have its name already. */
async function isThere(storage: Storage, { name }: Ticket, { target }: PartArrival): Promise<boolean> {
  return (await storage.exists(target)) || (target !== name && (await storage.exists(name)))
}

/** Removes what has arrived, and what was made of it without having been looked at. */
export async function removeParts(storage: Storage, { name }: Ticket, arrival: PartArrival): Promise<void> {
  await storage.multipart(arrival.target, arrival.uploadId).abort()
  if (arrival.target !== name) await storage.delete(arrival.target)
}

/** Those that are what they should be. Azure takes parts of other sizes too. */
function wholeParts(
  parts: readonly UploadedPart[],
  ticket: Ticket,
  { partSize }: PartArrival,
): readonly UploadedPart[] {
  const count = partCount(ticket.size, partSize)
  return parts.filter(({ number, size }) => number <= count && size === sizeOfPart(ticket.size, partSize, number))
}

async function partsOf(
  storage: Storage,
  { target, uploadId }: PartArrival,
): Promise<readonly UploadedPart[] | undefined> {
  try {
    return await storage.multipart(target, uploadId).parts()
  } catch (error) {
    if (StorageError.is(error, "not-found")) return undefined
    throw error
  }
}

function numberOf({ number }: UploadedPart): number {
  return number
}

function gone(): UploadError {
  return new UploadError(
    "upload-expired",
    "The upload is not there any more: it was aborted, or its parts were removed.",
  )
}
