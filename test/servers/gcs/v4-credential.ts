/** What signed URLs and signed forms have in common: who signed, when, and whether the signature is right. */
import { createVerify, type KeyObject } from "node:crypto"
import { GcsError, invalid } from "./errors.ts"
import { ALGORITHM } from "./v4-canonical.ts"

export const LONGEST_VALIDITY_SECONDS = 7 * 24 * 60 * 60

export type PublicKeyOf = (account: string) => KeyObject | string | undefined

export interface Credential {
  account: string
  /** Such as `20190201/auto/storage/goog4_request`. */
  scope: string
  publicKey: KeyObject | string
  /** As written. */
  date: string
  signedAt: Date
}

export interface CredentialFields {
  algorithm: string | undefined
  credential: string | undefined
  date: string | undefined
}

export function readCredential(fields: CredentialFields, publicKeyOf: PublicKeyOf): Credential {
  const { algorithm, credential = "", date = "" } = fields
  if (algorithm !== ALGORITHM) throw malformed("X-Goog-Algorithm", `Invalid algorithm: ${algorithm}`)
  const [, account, scope, day] = /^([^/]+)\/((\d{8})\/auto\/storage\/goog4_request)$/.exec(credential) ?? []
  if (account === undefined || scope === undefined) throw malformed("X-Goog-Credential", `Invalid: ${credential}`)
  const time = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(date)
  const signedAt = new Date(time ? isoOf(time) : Number.NaN)
  if (Number.isNaN(signedAt.getTime())) throw malformed("X-Goog-Date", `Invalid date: ${date}`)
  if (!date.startsWith(`${day}T`)) throw malformed("X-Goog-Credential", "Its date is not that of X-Goog-Date.")
  const publicKey = publicKeyOf(account)
  if (publicKey === undefined) {
    const message = `The account ${account} does not exist.`
    throw new GcsError(403, { reason: "forbidden", message, code: "InvalidAccessKeyId" })
  }
  return { account, scope, publicKey, date, signedAt }
}

export function checkTime(from: Date, until: Date, now: Date): void {
  if (now < from) {
    const details = `The signature is not valid before ${from.toISOString()}`
    throw new GcsError(403, { reason: "forbidden", message: "Access denied.", code: "AccessDenied", details })
  }
  if (now > until)
    throw invalid("Invalid argument.", "ExpiredToken", `Request signature expired at: ${until.toISOString()}`)
}

export function isSignedBy(publicKey: KeyObject | string, text: string, signatureInHex: string): boolean {
  // Node's decoder stops at what is no hexadecimal digit.
  if (!/^(?:[0-9a-f]{2})+$/.test(signatureInHex)) return false
  return createVerify("RSA-SHA256").update(text).verify(publicKey, signatureInHex, "hex")
}

export function malformed(name: string, details: string): GcsError {
  const message = "Your request has a malformed header."
  const elements = { ParameterName: name }
  return new GcsError(400, { reason: "invalid", message, code: "MalformedSecurityHeader", details, elements })
}

export function signatureDoesNotMatch(elements: Record<string, string>): GcsError {
  const message = "Access denied."
  const details = "The request signature we calculated does not match the signature you provided."
  return new GcsError(403, { reason: "forbidden", message, code: "SignatureDoesNotMatch", details, elements })
}

function isoOf([, year, month, day, hour, minute, second]: RegExpExecArray): string {
  return `${year}-${month}-${day}T${hour}:${minute}:${second}Z`
}
