/** The service accounts that the server knows, and the access tokens it gave them. */
import { createPublicKey, createVerify, generateKeyPair, randomBytes, type KeyObject } from "node:crypto"
import { promisify } from "node:util"
import { GcsError } from "./errors.ts"

const TOKEN_SECONDS = 3600
/** Longer self-made ones are refused: "Token must be a short-lived token (60 minutes)". */
const LONGEST_ASSERTION_SECONDS = 3600
const CLOCK_SKEW_SECONDS = 300

/** The file that the cloud's console hands out for a service account. */
export interface ServiceAccountKey {
  type: "service_account"
  project_id: string
  private_key_id: string
  private_key: string
  client_email: string
  client_id: string
  auth_uri: string
  token_uri: string
  universe_domain: string
}

export interface Account {
  email: string
  privateKey: string
  publicKey: KeyObject
  keyId: string
  /** Otherwise it may do nothing. */
  hasAccess: boolean
}

export async function makeAccount(name: string, projectId: string, hasAccess: boolean): Promise<Account> {
  const { privateKey } = await promisify(generateKeyPair)("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  })
  const email = `${name}@${projectId}.iam.gserviceaccount.com`
  const keyId = randomBytes(20).toString("hex")
  return { email, privateKey, publicKey: createPublicKey(privateKey), keyId, hasAccess }
}

export function serviceAccountKey(account: Account, projectId: string, endpoint: string): ServiceAccountKey {
  return {
    type: "service_account",
    project_id: projectId,
    private_key_id: account.keyId,
    private_key: account.privateKey,
    client_email: account.email,
    client_id: "100000000000000000000",
    auth_uri: `${endpoint}/auth`,
    token_uri: `${endpoint}/token`,
    universe_domain: "googleapis.com",
  }
}

export class Accounts {
  readonly #byEmail: Map<string, Account>
  readonly #tokens = new Map<string, { account: Account; expires: number }>()
  readonly #now: () => Date

  constructor(accounts: readonly Account[], now: () => Date) {
    this.#byEmail = new Map(accounts.map((account) => [account.email, account]))
    this.#now = now
  }

  find(email: string): Account | undefined {
    return this.#byEmail.get(email)
  }

  giveToken(account: Account): { access_token: string; expires_in: number; token_type: "Bearer" } {
    const token = `ya29.test-${randomBytes(24).toString("base64url")}`
    this.#tokens.set(token, { account, expires: this.#now().getTime() + TOKEN_SECONDS * 1000 })
    return { access_token: token, expires_in: TOKEN_SECONDS - 1, token_type: "Bearer" }
  }

  /** Whose `Authorization` this is; undefined for an anonymous caller. Throws for one that is not valid. */
  callerOf(authorization: string | undefined): Account | undefined {
    if (authorization === undefined) return undefined
    const [, token] = /^Bearer +(\S+)$/i.exec(authorization) ?? []
    if (token === undefined) throw invalidCredentials()
    const given = this.#tokens.get(token)
    if (given && given.expires > this.#now().getTime()) return given.account
    // A JWT that a service account signed for itself is an access token too: for Storage as a whole, or with scopes.
    const claims = given ? undefined : this.verify(token)
    if (!claims || claims["sub"] !== claims["iss"]) throw invalidCredentials()
    const forStorage = claims["aud"] === "https://storage.googleapis.com/" || typeof claims["scope"] === "string"
    const account = this.find(String(claims["iss"]))
    if (!forStorage || !account) throw invalidCredentials()
    return account
  }

  /** The claims of a JWT that one of the accounts signed and that is valid now; otherwise undefined. */
  verify(jwt: string): Record<string, unknown> | undefined {
    const [head, payload, signature, ...rest] = jwt.split(".")
    if (head === undefined || payload === undefined || signature === undefined || rest.length > 0) return undefined
    const header = decode(head)
    const claims = decode(payload)
    const account = this.find(String(claims?.["iss"]))
    if (header?.["alg"] !== "RS256" || !claims || !account) return undefined
    const verifier = createVerify("RSA-SHA256").update(`${head}.${payload}`)
    if (!verifier.verify(account.publicKey, signature, "base64url")) return undefined
    const now = this.#now().getTime() / 1000
    const { iat, exp } = claims
    if (typeof iat !== "number" || typeof exp !== "number") return undefined
    if (exp <= now || iat > now + CLOCK_SKEW_SECONDS || exp - iat > LONGEST_ASSERTION_SECONDS) return undefined
    return claims
  }
}

export function invalidCredentials(): GcsError {
  return new GcsError(401, {
    reason: "authError",
    message: "Invalid Credentials",
    code: "AuthenticationRequired",
    header: "Authorization",
    headers: { "www-authenticate": 'Bearer realm="https://accounts.google.com/", error="invalid_token"' },
  })
}

function decode(part: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(Buffer.from(part, "base64url").toString()) as Record<string, unknown>
  } catch {
    return undefined
  }
}
