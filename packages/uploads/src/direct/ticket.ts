import { UploadError } from "../upload-error.ts"
import type { StoredHeaders } from "./declaration.ts"
import type { Settings } from "./policies.ts"

/** All that is known of an upload: it travels in its token, and no server keeps anything. */
export interface Ticket {
  readonly policy: string
  /** The name that the file has at the end. */
  readonly name: string
  /** The name that it had where it comes from, cleaned. */
  readonly originalName: string
  /** In bytes. */
  readonly size: number
  /** The media type that it is stored with. */
  readonly type: string
  /** In hexadecimal, lower case. */
  readonly sha256?: string | undefined
  readonly owner?: string | undefined
  /** In milliseconds since 1970. */
  readonly expiresAt: number
  /** Where it arrives: as a whole under another name, or in parts, which have no name until they are put together. */
  readonly arrives: WholeArrival | PartArrival
}

export interface WholeArrival {
  readonly as: "whole"
  readonly pending: string
  readonly headers: StoredHeaders
}

export interface PartArrival {
  readonly as: "parts"
  /** The name for which the storage takes the parts: the final one where their signatures are good for nothing else. */
  readonly target: string
  readonly uploadId: string
  /** Of each part but the last, in bytes. */
  readonly partSize: number
}

export function sealTicket({ tokens }: Settings, ticket: Ticket): string {
  return tokens.seal(JSON.stringify(ticket))
}

/**
 * What a token holds, whether or not it has expired.
 * @throws UploadError `invalid-token` for one that is not ours, is another owner's, or for a policy that is no more
 */
export function openTicket({ tokens, policies }: Settings, token: string, owner: string | undefined): Ticket {
  const text = typeof token === "string" ? tokens.open(token) : undefined
  const ticket = text === undefined ? undefined : (JSON.parse(text) as Ticket)
  // All that is wrong is told in the same words: whose token it is, is nobody's business.
  if (ticket === undefined || ticket.owner !== owner || !policies.has(ticket.policy)) {
    throw new UploadError("invalid-token", "The token is none of an upload of yours.")
  }
  return ticket
}

export function hasExpired({ expiresAt }: Ticket): boolean {
  return Date.now() >= expiresAt
}

/** How long a request that is signed now can be begun, in seconds: never longer than the upload may take. */
export function signatureExpiry({ signaturesExpireIn }: Settings, { expiresAt }: Ticket): number {
  return Math.max(1, Math.min(signaturesExpireIn, Math.floor((expiresAt - Date.now()) / 1000)))
}

/** How many parts there are. */
export function partCount(size: number, partSize: number): number {
  return Math.ceil(size / partSize)
}

/** The size of one part in bytes. @param number from 1 */
export function sizeOfPart(size: number, partSize: number, number: number): number {
  return Math.min(partSize, size - (number - 1) * partSize)
}
