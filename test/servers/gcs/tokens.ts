/** OAuth 2.0's token endpoint (RFC 7523, the JWT bearer grant) and `signBlob` of the IAM Credentials API. */
import { createSign } from "node:crypto"
import type { Accounts } from "./accounts.ts"
import { invalid, notServed } from "./errors.ts"
import type { Exchange } from "./exchange.ts"

const JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
/** The official client signs for this address whatever the key's `token_uri` says. */
const GOOGLE_TOKEN_URI = "https://oauth2.googleapis.com/token"

export async function answerToken(exchange: Exchange, accounts: Accounts): Promise<void> {
  const form = new URLSearchParams(await exchange.text())
  const refuse = (description: string, error = "invalid_grant"): Promise<void> =>
    exchange.sendJson(400, { error, error_description: description })
  if (form.get("grant_type") !== JWT_BEARER) {
    return refuse(`Invalid grant_type: ${form.get("grant_type")}`, "unsupported_grant_type")
  }
  const claims = accounts.verify(form.get("assertion") ?? "")
  const account = claims && accounts.find(String(claims["iss"]))
  if (!claims || !account) return refuse("Invalid JWT: signature, issuer or time is wrong.")
  const audience = claims["aud"]
  if (audience !== `${exchange.origin}/token` && audience !== GOOGLE_TOKEN_URI) {
    return refuse("Invalid JWT: Failed audience check.")
  }
  const scopes = typeof claims["scope"] === "string" ? claims["scope"].split(" ") : []
  if (!scopes.some((scope) => /\/auth\/(cloud-platform|devstorage\.\w+|iam)$/.test(scope))) {
    return refuse("Invalid OAuth scope or ID token audience provided.", "invalid_scope")
  }
  return exchange.sendJson(200, accounts.giveToken(account))
}

export async function answerSignBlob(exchange: Exchange, email: string, accounts: Accounts): Promise<void> {
  const { payload } = await exchange.json()
  const account = accounts.find(email)
  if (!account) throw notServed(`account ${email}`)
  if (typeof payload !== "string" || !/^[\w+/-]*={0,2}$/.test(payload)) throw invalid("Invalid value at 'payload'")
  const signer = createSign("RSA-SHA256").update(Buffer.from(payload, "base64"))
  return exchange.sendJson(200, { keyId: account.keyId, signedBlob: signer.sign(account.privateKey, "base64") })
}
