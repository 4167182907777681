/*
 * Shared access signatures of one blob, for a service version from 2026-04-06 on.
 * https://learn.microsoft.com/rest/api/storageservices/create-service-sas
 * https://learn.microsoft.com/rest/api/storageservices/create-user-delegation-sas
 */

/** By whose rules the service reads the signature. */
export const SAS_VERSION = "2026-10-06"

/** What a signature allows. */
export interface SasGrant {
  /** The blob as it is signed: `"/blob/account/container/key"`. */
  readonly blob: string
  /** Letters, in the service's order: `"cw"`. */
  readonly permissions: string
  readonly expiresAt: Date
  readonly httpsOnly: boolean
  /** The headers that the answer shall have. */
  readonly contentDisposition?: string | undefined
  readonly contentType?: string | undefined
}

/** What signs text: the HMAC-SHA256 in Base64. */
export type TextSigner = (text: string) => string

/** A user delegation key, written as signatures hold it. */
export interface DelegatedSigner {
  /** Its lines of the text that is signed: 11. */
  readonly lines: string
  /** What stands in the query before `sr`, and before `sig`; each part ends with `&`. */
  readonly parameters: string
  readonly lastParameters: string
  readonly sign: TextSigner
}

/** The query of a URL that is signed with the account's key. */
export function serviceSas(grant: SasGrant, sign: TextSigner): string {
  const { contentDisposition = "", contentType = "", httpsOnly, permissions, blob } = grant
  const expiry = sasTime(grant.expiresAt)
  const protocol = httpsOnly ? "https" : ""
  // Among them: no beginning, stored policy, address range, snapshot, encryption scope, cache control, encoding, language.
  const text =
    `${permissions}\n\n${expiry}\n${blob}\n\n\n${protocol}\n${SAS_VERSION}\nb\n\n\n` +
    `\n${contentDisposition}\n\n\n${contentType}`
  return queryOf(grant, expiry, "", "", sign(text))
}

/** The query of a URL that is signed by user delegation. */
export function delegationSas(grant: SasGrant, key: DelegatedSigner): string {
  const { contentDisposition = "", contentType = "", httpsOnly, permissions, blob } = grant
  const expiry = sasTime(grant.expiresAt)
  const protocol = httpsOnly ? "https" : ""
  // Beside those above: no headers and parameters that the request must have.
  const text =
    `${permissions}\n\n${expiry}\n${blob}\n${key.lines}\n\n${protocol}\n${SAS_VERSION}\nb\n\n\n\n\n` +
    `\n${contentDisposition}\n\n\n${contentType}`
  return queryOf(grant, expiry, key.parameters, key.lastParameters, key.sign(text))
}

/** As the service's own clients order it. */
function queryOf(
  { contentDisposition, contentType, httpsOnly, permissions }: SasGrant,
  expiry: string,
  parameters: string,
  lastParameters: string,
  signature: string,
): string {
  return (
    `sv=${SAS_VERSION}&${httpsOnly ? "spr=https&" : ""}se=${encodeURIComponent(expiry)}&${parameters}` +
    `sr=b&sp=${permissions}&${parameter("rscd", contentDisposition)}${parameter("rsct", contentType)}` +
    `${lastParameters}sig=${encodeURIComponent(signature)}`
  )
}

/** With `&` at its end; nothing for what is not there. */
export function parameter(name: string, value: string | undefined): string {
  return value ? `${name}=${encodeURIComponent(value)}&` : ""
}

/** `2026-01-31T09:00:00Z` */
export function sasTime(date: Date): string {
  return `${date.toISOString().slice(0, -5)}Z`
}
