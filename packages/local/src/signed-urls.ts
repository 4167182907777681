import { checkKeys, joinUrl, type SignedTerms, type StorageDriver, StorageError } from "@node-storages/core"
import { nodeCrypto } from "./node-modules.ts"

/** The query parameter that carries the token. `@node-storages/http` reads it. */
const PARAMETER = "signed"
/** Longer is no token of ours, and not worth a hash. In characters: metadata may be 8 KiB and more. */
const LONGEST_TOKEN = 32_768
/** What is signed is never the same as what another use of the same key signs. */
const CONTEXT = "node-storages signed URL 1"

/** The terms as they are written into a token: short, and always in this order, so that equal terms give equal URLs. */
interface Payload {
  readonly m: "GET" | "PUT"
  /** In seconds since 1970. */
  readonly e: number
  readonly t?: string | undefined
  readonly d?: string | undefined
  readonly c?: string | undefined
  readonly x?: Readonly<Record<string, string>> | undefined
  readonly s?: number | undefined
  readonly l?: number | undefined
  readonly p?: readonly [uploadId: string, number: number] | undefined
}

/**
 * Signs and checks URLs by HMAC-SHA256. The first key signs; each of them is good for checking, so that a new key can be
 * put in front while URLs of the old one are still out.
 */
export class SigningKeys {
  readonly #keys: readonly string[]
  readonly #baseUrl: string

  /** @throws StorageError `invalid-option` for no keys, short ones, or without a base URL */
  constructor(keys: readonly string[], baseUrl: string | undefined, subject: string) {
    this.#keys = checkKeys(`${subject}: signingKeys`, keys, "signs")
    if (baseUrl === undefined) {
      throw new StorageError(
        "invalid-option",
        `${subject}: signingKeys sign URLs made of baseUrl, which is missing: set it to where the files are served ("/media/").`,
      )
    }
    this.#baseUrl = baseUrl
  }

  /** The file's URL with a token that allows this. */
  url(key: string, terms: SignedTerms): string {
    const url = joinUrl(this.#baseUrl, key)
    return `${url}${url.includes("?") ? "&" : "?"}${PARAMETER}=${this.sign(key, terms)}`
  }

  /** The token that allows these terms for this key, signed with the first key. */
  sign(key: string, terms: SignedTerms): string {
    const payload: Payload = {
      m: terms.method,
      e: Math.floor(terms.expiresAt.getTime() / 1000),
      t: terms.contentType,
      d: terms.contentDisposition,
      c: terms.cacheControl,
      x: terms.metadata,
      s: terms.size,
      l: terms.maxSize,
      p: terms.part && [terms.part.uploadId, terms.part.number],
    }
    const text = Buffer.from(JSON.stringify(payload)).toString("base64url")
    return `${text}.${digest(this.#keys[0]!, key, text).toString("base64url")}`
  }

  /** What the token allows; undefined where it was not signed for this key by one of ours, or has expired. */
  check(key: string, token: string, now: number = Date.now()): SignedTerms | undefined {
    if (token.length > LONGEST_TOKEN) return undefined
    const [, text, signature] = /^([\w-]+)\.([\w-]{43})$/.exec(token) ?? []
    if (text === undefined || signature === undefined) return undefined
    const given = Buffer.from(signature, "base64url")
    let isSigned = false
    // All keys are tried, whichever fits: how long it takes tells nothing.
    for (const each of this.#keys) {
      const expected = digest(each, key, text)
      isSigned = nodeCrypto().timingSafeEqual(expected, given) || isSigned
    }
    // Two texts of base64 can mean the same bytes: only the one that we write counts.
    if (!isSigned || given.toString("base64url") !== signature) return undefined
    const { m, e, t, d, c, x, s, l, p } = JSON.parse(Buffer.from(text, "base64url").toString()) as Payload
    const expiresAt = new Date(e * 1000)
    if (expiresAt.getTime() <= now) return undefined
    return {
      method: m,
      expiresAt,
      contentType: t,
      contentDisposition: d,
      cacheControl: c,
      metadata: x,
      size: s,
      maxSize: l,
      part: p && { uploadId: p[0], number: p[1] },
    }
  }
}

/** What a driver signs by these keys, and how it checks what comes back. */
export function signedMembers(
  keys: SigningKeys,
): Required<Pick<StorageDriver, "signedUrl" | "signedUpload" | "checkSigned">> {
  return {
    async signedUrl(key, { signedAt, expiresIn, contentDisposition, contentType }) {
      const expiresAt = expiryOf(signedAt, expiresIn)
      return keys.url(key, { method: "GET", expiresAt, contentDisposition, contentType })
    },
    async signedUpload(key, options) {
      const { signedAt, expiresIn, contentType, contentDisposition, cacheControl, metadata, size, maxSize } = options
      const expiresAt = expiryOf(signedAt, expiresIn)
      const stored = { contentType, contentDisposition, cacheControl, metadata }
      const url = keys.url(key, { method: "PUT", expiresAt, ...stored, size, maxSize })
      return { method: "PUT", url, headers: { "content-type": contentType }, fields: {}, expiresAt }
    },
    checkSigned: (key, token) => keys.check(key, token),
  }
}

export function expiryOf(signedAt: Date, expiresIn: number): Date {
  return new Date(signedAt.getTime() + expiresIn * 1000)
}

function digest(secret: string, key: string, payload: string): Buffer {
  return nodeCrypto().createHmac("sha256", secret).update(`${CONTEXT}\n${payload}\n${key}`).digest()
}
