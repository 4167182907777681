import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import { describe, expect, test } from "vitest"
import { verifyPostPolicy } from "./post-policy.ts"
import { verifySignedUrl, type SignedUrlRequest } from "./signed-url.ts"

interface UrlVector {
  description: string
  method: string
  expiration: number
  timestamp: string
  headers?: Record<string, string>
  expectedUrl: string
  expectedCanonicalRequest: string
  expectedStringToSign: string
}

interface PolicyVector {
  description: string
  policyInput: { bucket: string; timestamp: string; expiration: number; conditions?: { startsWith?: [string, string] } }
  policyOutput: { fields: Record<string, string> }
}

const CONTRADICTORY = "Universe domain with virtual hosted style"
const vectors = read("gcs-v4-signatures.json") as { signingV4Tests: UrlVector[]; postPolicyV4Tests: PolicyVector[] }
const key = read("gcs-v4-public-key.json") as { client_email: string; public_key: string }
const publicKeyOf = (account: string): string | undefined => (account === key.client_email ? key.public_key : undefined)

describe("signed URLs of the public vectors", () => {
  test("are all there, and one contradicts itself", () => {
    expect(vectors.signingV4Tests).toHaveLength(29)
    const contradictory = vectors.signingV4Tests.filter(
      (vector) => !vector.expectedStringToSign.endsWith(sha256(vector.expectedCanonicalRequest)),
    )
    expect(contradictory.map(({ description }) => description)).toEqual([CONTRADICTORY])
  })

  describe.each(vectors.signingV4Tests)("$description", (vector) => {
    const right = requestOf(vector)

    test("is verified, by the expected canonical request and string to sign", () => {
      expect(verifySignedUrl(right)).toMatchObject({
        account: key.client_email,
        canonicalRequest: canonicalRequestOf(vector),
        stringToSign: vector.expectedStringToSign,
      })
    })

    test("is refused with any part altered", () => {
      const { method, url, headers } = right
      expect(codeOf({ ...right, method: method === "DELETE" ? "PUT" : "DELETE" })).toBe("SignatureDoesNotMatch")
      expect(codeOf({ ...right, url: url.replace(/(\/test-[^?]*)\?/, "$1x?") })).toBe("SignatureDoesNotMatch")
      expect(codeOf({ ...right, url: `${url}&another=1` })).toBe("SignatureDoesNotMatch")
      expect(codeOf({ ...right, url: url.replace("://", "://elsewhere.") })).toBe("SignatureDoesNotMatch")
      expect(codeOf({ ...right, url: url.replace(/Expires=(\d+)/, "Expires=1$1") })).toBe("SignatureDoesNotMatch")
      expect(codeOf({ ...right, url: flipSignature(url) })).toBe("SignatureDoesNotMatch")
      expect(codeOf({ ...right, headers: { ...headers, "X-Goog-Other": "1" } })).toBe("MalformedSecurityHeader")
      for (const name of Object.keys(vector.headers ?? {})) {
        expect(codeOf({ ...right, headers: { ...headers, [name]: "another" } })).toBe("SignatureDoesNotMatch")
        expect(codeOf({ ...right, headers: { ...headers, [name]: undefined } })).toBe("MalformedSecurityHeader")
      }
    })

    test("is refused before its time and after it, and valid until its last second", () => {
      const start = Date.parse(vector.timestamp)
      const end = start + vector.expiration * 1000
      expect(codeOf({ ...right, now: new Date(start - 1) })).toBe("AccessDenied")
      expect(codeOf({ ...right, now: new Date(end) })).toBe("accepted")
      expect(codeOf({ ...right, now: new Date(end + 1) })).toBe("ExpiredToken")
    })

    test("is refused when nobody has that account", () => {
      expect(codeOf({ ...right, publicKeyOf: () => undefined })).toBe("InvalidAccessKeyId")
    })
  })

  test("for GET serve HEAD too, those for PUT do not", () => {
    const [get, put] = ["Simple GET", "Simple PUT"].map((wanted) =>
      requestOf(vectors.signingV4Tests.find(({ description }) => description === wanted)!),
    )
    expect(codeOf({ ...get!, method: "HEAD" })).toBe("accepted")
    expect(codeOf({ ...put!, method: "HEAD" })).toBe("SignatureDoesNotMatch")
  })

  test.each([
    ["no algorithm", /X-Goog-Algorithm=[^&]*&/, ""],
    ["another algorithm", "GOOG4-RSA-SHA256", "GOOG4-HMAC-SHA256"],
    ["another service", "goog4_request", "aws4_request"],
    ["over seven days", /X-Goog-Expires=\d+/, "X-Goog-Expires=604801"],
    ["no time at all", /X-Goog-Expires=\d+/, "X-Goog-Expires=0"],
    ["another day in the scope", "%2F20190201%2F", "%2F20190202%2F"],
    ["a date that is none", "20190201T090000Z", "20191301T090000Z"],
    ["an unsigned host", "X-Goog-SignedHeaders=host", "X-Goog-SignedHeaders=accept"],
  ])("with %s are malformed", (_, pattern, replacement) => {
    const right = requestOf(vectors.signingV4Tests[0]!)
    const url = right.url.replace(pattern, replacement)
    expect(url).not.toBe(right.url)
    expect(codeOf({ ...right, url, headers: { accept: "*/*" } })).toBe("MalformedSecurityHeader")
  })
})

describe("signed POST policies of the public vectors", () => {
  test("are all there", () => {
    expect(vectors.postPolicyV4Tests).toHaveLength(11)
  })

  describe.each(vectors.postPolicyV4Tests)("$description", ({ policyInput, policyOutput }) => {
    const { bucket, timestamp, expiration, conditions } = policyInput
    const [startsWith, prefix] = conditions?.startsWith ?? []
    // A form must bring what a condition is about.
    const given = startsWith === undefined ? {} : { [startsWith.slice(1)]: `${prefix}-read` }
    const fields = { ...policyOutput.fields, ...given }
    const now = new Date(timestamp)
    const verify = (changed: Record<string, string>, at = now, to = bucket): string =>
      outcome(() => verifyPostPolicy(changed, { bucket: to, now: at, publicKeyOf }))

    test("is verified", () => {
      expect(verifyPostPolicy(fields, { bucket, now, publicKeyOf }).account).toBe(key.client_email)
    })

    test("is refused with any part altered", () => {
      const signature = fields["x-goog-signature"]!
      const last = signature.endsWith("0") ? "1" : "0"
      expect(verify({ ...fields, "x-goog-signature": signature.slice(0, -1) + last })).toBe("SignatureDoesNotMatch")
      const policy = Buffer.from(fields["policy"]!, "base64").toString().replace("key", "kei")
      expect(verify({ ...fields, policy: Buffer.from(policy).toString("base64") })).toBe("SignatureDoesNotMatch")
      expect(verify({ ...fields, another: "1" })).toBe("InvalidPolicyDocument")
      expect(verify(fields, now, "another-bucket")).toBe("InvalidPolicyDocument")
      const isSignature = (name: string): boolean =>
        /^(?:policy|x-goog-(?:signature|algorithm|credential|date))$/.test(name)
      for (const name of Object.keys(fields).filter((each) => !isSignature(each))) {
        expect(verify({ ...fields, [name]: "another" })).toBe("InvalidPolicyDocument")
        const { [name]: _, ...rest } = fields
        expect(verify(rest)).toBe("InvalidPolicyDocument")
      }
      expect(verify({ ...fields, "x-goog-date": "20200123T043529Z" })).toBe("InvalidPolicyDocument")
      expect(verify({ ...fields, "x-goog-algorithm": "another" })).toBe("MalformedSecurityHeader")
    })

    test("is refused after its time, and ignores x-ignore- fields", () => {
      const end = now.getTime() + expiration * 1000
      expect(verify({ ...fields, "x-ignore-submit": "yes" }, new Date(end))).toBe("accepted")
      expect(verify(fields, new Date(end + 1))).toBe("ExpiredToken")
      expect(verify(fields, new Date(now.getTime() - 1))).toBe("AccessDenied")
    })
  })
})

/** The one names the bucket in the path, while its string to sign, its signature and its URL are those without it. */
function canonicalRequestOf({ description, expectedCanonicalRequest }: UrlVector): string {
  if (description !== CONTRADICTORY) return expectedCanonicalRequest
  return expectedCanonicalRequest.replace("/test-bucket/test-object", "/test-object")
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex")
}

function requestOf({ method, expectedUrl: url, headers = {}, timestamp }: UrlVector): SignedUrlRequest {
  return { method, url, headers, now: new Date(timestamp), publicKeyOf }
}

function codeOf(request: SignedUrlRequest): string {
  return outcome(() => verifySignedUrl(request))
}

function outcome(verify: () => unknown): string {
  try {
    verify()
    return "accepted"
  } catch (error) {
    return (error as { code: string }).code
  }
}

function flipSignature(url: string): string {
  return url.replace(/(X-Goog-Signature=[0-9a-f]*)([0-9a-f])/, (_, before: string, digit: string) => {
    return before + (digit === "0" ? "1" : "0")
  })
}

function read(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`../../data/${name}`, import.meta.url), "utf8"))
}
