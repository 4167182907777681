import { type MultipartUpload, type Storage, StorageError, type UploadedPart } from "@node-storages/core"
import type { DirectUpload, SignedPart } from "../browser/protocol.ts"
import { UploadError } from "../upload-error.ts"
import type { StoredHeaders } from "./declaration.ts"
import type { Settings } from "./policies.ts"
import { type PartArrival, partCount, signatureExpiry, sizeOfPart, type Ticket } from "./ticket.ts"
import { requestOf, statOrNothing } from "./whole-upload.ts"

/** How many parts are signed by one call. */
const MOST_SIGNED = 100
const MIB = 2 ** 20

/** Begins an upload in parts; undefined where the storage takes none. @throws UploadError `file-too-large` */
export async function startParts(
  { storage, partSize }: Settings,
  name: string,
  size: number,
  contentType: string,
  headers: StoredHeaders,
): Promise<PartArrival | undefined> {
  let upload: MultipartUpload
  try {
    upload = await storage.startMultipart(name, { ...headers, contentType })
  } catch (error) {
    if (StorageError.is(error, "unsupported")) return undefined
    throw error
  }
  const { smallest, largest, count } = upload.limits
  // Whole MiB, which every service likes.
  const least = Math.max(smallest, Math.ceil(size / count))
  const chosen = partSize >= least ? partSize : Math.ceil(least / MIB) * MIB
  if (chosen <= largest) return { as: "parts", uploadId: upload.id, partSize: chosen }
  await upload.abort()
  throw new UploadError(
    "file-too-large",
    `The file has ${size} bytes, and the storage takes ${largest * count} at most.`,
  )
}

/** Which parts have arrived; nothing where they have become a file. @throws UploadError `upload-expired` */
export async function partProgress(
  storage: Storage,
  ticket: Ticket,
  arrival: PartArrival,
): Promise<Pick<DirectUpload, "parts">> {
  const parts = await partsOf(storage, ticket, arrival)
  if (parts) return { parts: { ...layout(ticket, arrival), arrived: wholeParts(parts, ticket, arrival).map(numberOf) } }
  if (await statOrNothing(storage, ticket.name)) return {}
  throw gone()
}

export function layout({ size }: Ticket, { partSize }: PartArrival): { size: number; count: number } {
  return { size: partSize, count: partCount(size, partSize) }
}

/** @throws UploadError `malformed-request` for numbers of no parts, and too many of them */
export async function signParts(
  settings: Settings,
  ticket: Ticket,
  { uploadId, partSize }: PartArrival,
  numbers: readonly number[],
): Promise<readonly SignedPart[]> {
  const count = partCount(ticket.size, partSize)
  const isPart = (number: unknown) => Number.isInteger(number) && (number as number) >= 1 && (number as number) <= count
  if (!Array.isArray(numbers) || numbers.length > MOST_SIGNED || !numbers.every(isPart)) {
    throw new UploadError("malformed-request", `"numbers" must be up to ${MOST_SIGNED} numbers from 1 to ${count}.`)
  }
  const upload = settings.storage.multipart(ticket.name, uploadId)
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
  const parts = await partsOf(storage, ticket, arrival)
  if (parts === undefined) {
    if (await statOrNothing(storage, ticket.name)) return
    throw gone()
  }
  const { count } = layout(ticket, arrival)
  const whole = wholeParts(parts, ticket, arrival)
  if (whole.length < count) {
    throw new UploadError("not-uploaded", `Of the file's ${count} parts ${whole.length} have arrived.`)
  }
  try {
    await storage.multipart(ticket.name, arrival.uploadId).complete(whole)
  } catch (error) {
    // Completed by another call at the same time.
    if (!StorageError.is(error, "not-found") || !(await storage.exists(ticket.name))) throw error
  }
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
  { name }: Ticket,
  { uploadId }: PartArrival,
): Promise<readonly UploadedPart[] | undefined> {
  try {
    return await storage.multipart(name, uploadId).parts()
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
