import { createPublicKey, createSign, createVerify, generateKeyPairSync } from "node:crypto"
import { readFileSync } from "node:fs"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { policyToSign, type Signer, signPolicy, signUrl, textToSign } from "./signature.ts"

/** Public conformance vectors; see test/data/README.md. */
function vectorFile(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`../../../test/data/${name}`, import.meta.url), "utf8"))
}

interface UrlVector {
  description: string
  object?: string
  method: "GET" | "PUT" | "POST"
  expiration: number
  timestamp: string
  headers?: Record<string, string>
  queryParameters?: Record<string, string>
  expectedUrl: string
  expectedCanonicalRequest: string
  expectedStringToSign: string
}

interface PolicyVector {
  description: string
  policyInput: {
    bucket: string
    object: string
    expiration: number
    timestamp: string
    conditions?: { contentLengthRange?: [number, number]; startsWith?: [string, string] }
    fields?: Record<string, string>
  }
  policyOutput: { fields: Record<string, string>; expectedDecodedPolicy: string }
}

const vectors = vectorFile("gcs-v4-signatures.json") as {
  signingV4Tests: UrlVector[]
  postPolicyV4Tests: PolicyVector[]
}
const { client_email: account, public_key: publicKey } = vectorFile("gcs-v4-public-key.json") as {
  client_email: string
  public_key: string
}

/** Answers with a signature that is known already. */
function signerWith(signature: string): Signer {
  return { account, sign: async () => Buffer.from(signature, "hex") }
}

/**
 * URLs of a bucket itself are none of a storage's. One vector signs the bucket in the path of a host that has it in its
 * name, unlike the other of its kind: that style is not made here.
 */
const objectUrls = vectors.signingV4Tests.filter(
  ({ object, description }) => object !== undefined && description !== "Universe domain with virtual hosted style",
)

function requestOf({ expectedUrl, object, method, timestamp, expiration, headers = {}, queryParameters }: UrlVector) {
  const { origin, pathname } = new URL(expectedUrl)
  const path = decodeURIComponent(pathname)
  return {
    method,
    base: origin + path.slice(0, path.length - object!.length - 1),
    key: object!,
    signedAt: new Date(timestamp),
    expiresIn: expiration,
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
    query: queryParameters ?? {},
  }
}

describe("the signature of a URL", () => {
  it("has vectors to be compared with", () => {
    expect(objectUrls).toHaveLength(27)
    expect(vectors.postPolicyV4Tests).toHaveLength(11)
  })

  it.each(objectUrls.map((vector) => [vector.description, vector] as const))(
    "is that of the vector: %s",
    (_, vector) => {
      const { canonicalRequest, text } = textToSign(account, requestOf(vector))
      expect(canonicalRequest).toBe(vector.expectedCanonicalRequest)
      expect(text).toBe(vector.expectedStringToSign)
    },
  )

  it.each(objectUrls.map((vector) => [vector.description, vector] as const))(
    "makes the URL of: %s",
    async (_, vector) => {
      const expected = new URL(vector.expectedUrl)
      const signature = expected.searchParams.get("X-Goog-Signature")!
      const url = new URL(await signUrl(signerWith(signature), requestOf(vector)))
      expect(url.host + url.pathname).toBe(expected.host + expected.pathname)
      expect(Object.fromEntries(url.searchParams)).toEqual(Object.fromEntries(expected.searchParams))
    },
  )

  it("stays the same URL for the same moment, and holds whatever the key is", async () => {
    const { privateKey, publicKey: other } = generateKeyPairSync("rsa", { modulusLength: 2048 })
    const signer: Signer = {
      account: "a@b.example",
      sign: async (text) => createSign("RSA-SHA256").update(text).sign(privateKey),
    }
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "binary", minLength: 1, maxLength: 40 }), async (key) => {
        const request = {
          method: "GET",
          base: "http://localhost:1/bucket",
          key,
          signedAt: new Date(0),
          expiresIn: 60,
        } as const
        const url = await signUrl(signer, request)
        expect(await signUrl(signer, request)).toBe(url)
        const { pathname, searchParams } = new URL(url)
        expect(decodeURIComponent(pathname)).toBe(`/bucket/${key}`)
        const signature = Buffer.from(searchParams.get("X-Goog-Signature")!, "hex")
        const { text } = textToSign(signer.account, request)
        expect(createVerify("RSA-SHA256").update(text).verify(other, signature)).toBe(true)
      }),
      { numRuns: 100 },
    )
  })
})

describe("a POST policy", () => {
  it.each(vectors.postPolicyV4Tests.map((vector) => [vector.description, vector] as const))(
    "is that of the vector: %s",
    async (_, { policyInput, policyOutput }) => {
      const { bucket, object, timestamp, expiration, fields = {}, conditions = {} } = policyInput
      const { contentLengthRange, startsWith } = conditions
      const request = {
        bucket,
        fields: { ...fields, key: object },
        conditions: [
          ...(startsWith ? [["starts-with", ...startsWith]] : []),
          ...(contentLengthRange ? [["content-length-range", ...contentLengthRange]] : []),
        ],
        signedAt: new Date(timestamp),
        expiresIn: expiration,
      }
      expect(JSON.parse(policyToSign(account, request).policy)).toEqual(JSON.parse(policyOutput.expectedDecodedPolicy))
      const expected = policyOutput.fields
      expect(await signPolicy(signerWith(expected["x-goog-signature"]!), request)).toEqual(expected)
      const verify = createVerify("RSA-SHA256").update(expected["policy"]!)
      expect(verify.verify(createPublicKey(publicKey), expected["x-goog-signature"]!, "hex")).toBe(true)
    },
  )
})
