import type { S3Client } from "@aws-sdk/client-s3"
import fc from "fast-check"
import { afterEach, describe, expect, it, vi } from "vitest"
import type { S3StorageOptions } from "../s3-options.ts"
import { type RecordedRequest, useScriptedService } from "../testing/scripted-service.ts"
import type { ObjectRequests } from "./object-requests.ts"

const service = useScriptedService()
const bucket = "acme-media"
const credentials = { accessKeyId: "AKIAEXAMPLE", secretAccessKey: "secret/with+signs" }
const elsewhere: S3StorageOptions = {
  region: "us-east-1",
  endpoint: "http://storage.example.com:9000",
  forcePathStyle: true,
  credentials,
}

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

// oxlint-disable-next-line no-control-regex
const key = fc.string({ unit: "binary", minLength: 1, maxLength: 20 }).filter((name) => !/[\u0000-\u001f]/.test(name))
const word = fc.stringMatching(/^[!-~]{1,12}( {1,2}[!-~]{1,6})?$/)
const place = fc.constantFrom<S3StorageOptions>(
  { region: "eu-west-1" },
  { region: "cn-north-1" },
  { region: "us-east-1", forcePathStyle: true },
  { region: "auto", endpoint: "http://127.0.0.1:9000/s3", forcePathStyle: true },
  { region: "us-east-1", endpoint: "https://s3.example.com" },
)
const optional = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined })
const putInput = fc.record({
  Key: key,
  Body: fc.uint8Array({ maxLength: 50 }),
  ContentType: word,
  ACL: optional(fc.constant("private" as const)),
  CacheControl: optional(word),
  ContentDisposition: optional(word),
  ContentEncoding: optional(word),
  ContentLanguage: optional(word),
  IfNoneMatch: optional(fc.constant("*")),
  IfMatch: optional(word),
  Metadata: optional(fc.dictionary(fc.stringMatching(/^[A-Za-z0-9-]{1,8}$/), word, { maxKeys: 3 })),
  ServerSideEncryption: optional(fc.constant("aws:kms" as const)),
  SSEKMSKeyId: optional(word),
  BucketKeyEnabled: optional(fc.boolean()),
  StorageClass: optional(fc.constant("STANDARD_IA" as const)),
  Tagging: optional(fc.constant("a=b&c=d")),
  WebsiteRedirectLocation: optional(word),
})
const operation = fc.oneof(
  putInput.map(
    (input) => (requests: ObjectRequests) =>
      requests.put({ Bucket: bucket, ...input, ContentLength: input.Body.byteLength }),
  ),
  key.map((Key) => (requests: ObjectRequests) => requests.head({ Bucket: bucket, Key })),
  key.map((Key) => (requests: ObjectRequests) => requests.get({ Bucket: bucket, Key, Range: "bytes=0-9" })),
  key.map((Key) => (requests: ObjectRequests) => requests.delete({ Bucket: bucket, Key })),
  fc.array(key, { minLength: 1, maxLength: 3 }).map((keys) => (requests: ObjectRequests) => {
    const Objects = keys.map((Key) => ({ Key }))
    return requests.deleteMany({ Bucket: bucket, Delete: { Objects, Quiet: true } })
  }),
  fc
    .record({ Prefix: key, Delimiter: optional(fc.constant("/")), ContinuationToken: optional(word) })
    .map(
      (input) => (requests: ObjectRequests) =>
        requests.list({ Bucket: bucket, MaxKeys: 1000, EncodingType: "url", ...input }),
    ),
)

/** What differs from one request to the next, and the signature, which is compared by itself. */
const OWN = ["authorization", "user-agent", "x-amz-user-agent", "amz-sdk-invocation-id"]

function comparable({ method, protocol, hostname, port, path, query, headers, body }: RecordedRequest): object {
  const rest = Object.fromEntries(Object.entries(headers).filter(([name]) => !OWN.includes(name)))
  const bytes = body === undefined ? undefined : Buffer.from(body as Uint8Array).toString("hex")
  return { method, protocol, hostname, port, path, query, headers: rest, body: bytes }
}

/** The signature that the official client's signer makes of what was sent. */
async function signedBySdk(client: S3Client, request: RecordedRequest, signingRegion: string): Promise<string> {
  const signer = await client.config.signer({
    name: "sigv4",
    signingName: "s3",
    signingRegion,
    properties: {},
  })
  const { authorization: _, ...headers } = request.headers
  const toSign = { ...request, headers } as never
  const signed = await signer.sign(toSign, { signingDate: new Date(), signingRegion, signingService: "s3" })
  return (signed as unknown as RecordedRequest).headers["authorization"]!
}

describe("a direct request", () => {
  it("is the official client's in all that is sent, with the signature of its signer", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: new Date("2026-03-01T12:00:00Z") })
    await fc.assert(
      fc.asyncProperty(operation, place, optional(word), async (send, options, sessionToken) => {
        const given = { ...credentials, ...(sessionToken && { sessionToken }) }
        const both = await service.bothWays(bucket, { ...options, credentials: given })
        service.answers({ status: 403, headers: { date: new Date().toUTCString() } })
        await send(both.official).catch(() => {})
        await send(both.direct).catch(() => {})
        expect(both.byOwnClient()).toBe(0)
        expect(both.sent.direct.map(comparable)).toEqual(both.sent.official.map(comparable))
        const [request] = both.sent.direct
        expect(request!.headers["authorization"]).toBe(
          await signedBySdk(both.own.client, request!, String(options.region)),
        )
        both.own.client.destroy()
      }),
      { numRuns: 100 },
    )
  })

  it("tells of an object what the official client tells", async () => {
    const { official, direct, byOwnClient } = await service.bothWays(bucket, elsewhere)
    service.answers({
      headers: {
        etag: '"0123456789abcdef0123456789abcdef"',
        "last-modified": "Sun, 01 Mar 2026 12:00:00 GMT",
        "content-type": "text/plain",
        "content-length": "5",
        "content-range": "bytes 0-4/10",
        "cache-control": "no-cache",
        "content-disposition": "inline",
        "content-encoding": "br",
        "content-language": "fr",
        "x-amz-meta-owner": "7",
        "x-amz-server-side-encryption": "aws:kms",
      },
      body: "hello",
    })
    const {
      $metadata: _1,
      AcceptRanges: _2,
      ...theirs
    } = (await official.head({ Bucket: bucket, Key: "a" })) as never as {
      $metadata: object
      AcceptRanges: string
    }
    expect(await direct.head({ Bucket: bucket, Key: "a" })).toEqual(theirs)
    const { Body, ...got } = await direct.get({ Bucket: bucket, Key: "a" })
    expect(got).toEqual(theirs)
    expect(Buffer.concat(await Array.fromAsync(Body)).toString()).toBe("hello")
    expect(byOwnClient()).toBe(0)
  })

  it.each([
    ["a parameter that only it knows", { ObjectLockMode: "GOVERNANCE" }],
    ["a customer's key", { SSECustomerAlgorithm: "AES256", SSECustomerKey: "x".repeat(32) }],
    ["a digest of the caller's choice", { ChecksumAlgorithm: "SHA256" }],
    ["a date", { Expires: new Date() }],
  ] as const)("is left to the official client with %s", async (_, parameters) => {
    const { direct, byOwnClient, sent } = await service.bothWays(bucket, elsewhere)
    await direct.put({ Bucket: bucket, Key: "a", Body: "x", ContentLength: 1, ...parameters })
    expect(byOwnClient()).toBe(1)
    expect(sent.direct).toHaveLength(1)
  })

  it.each(["arn:aws:s3:eu-west-1:123456789012:accesspoint/media", "media--use1-az4--x-s3", "media--op-s3"])(
    "is left to the official client for the bucket %s, which is none",
    async (name) => {
      const both = service.bothWays(name, { region: "us-east-1", credentials })
      // S3 Express asks for a session first, which the service of this test does not give.
      const { direct, byOwnClient } = await both.catch(() => ({ direct: undefined, byOwnClient: () => 0 }))
      await direct?.head({ Bucket: name, Key: "a" }).catch(() => {})
      expect(byOwnClient()).toBe(direct ? 1 : 0)
    },
  )

  it("is left to the official client as soon as an app has added middleware to it", async () => {
    const { direct, own, byOwnClient, sent } = await service.bothWays(bucket, elsewhere)
    const given = own.give()
    await direct.head({ Bucket: bucket, Key: "a" })
    expect(byOwnClient()).toBe(0)
    given.middlewareStack.add(
      (next) => (args) => {
        Object.assign((args.request as RecordedRequest).headers, { "x-tenant": "7" })
        return next(args)
      },
      { step: "build", name: "tenant" },
    )
    await direct.head({ Bucket: bucket, Key: "a" })
    expect(byOwnClient()).toBe(1)
    expect(sent.direct.at(-1)!.headers["x-tenant"]).toBe("7")
  })

  it("is left to the official client as soon as an app has changed its configuration", async () => {
    const { direct, own, byOwnClient } = await service.bothWays(bucket, elsewhere)
    own.give().config.region = async () => "eu-central-1"
    await direct.head({ Bucket: bucket, Key: "a" })
    expect(byOwnClient()).toBe(1)
  })

  it("uses credentials and a request handler that an app has given to the client since", async () => {
    const { direct, own, byOwnClient } = await service.bothWays(bucket, elsewhere)
    const { config } = own.give()
    config.credentials = async () => ({ accessKeyId: "RENEWED", secretAccessKey: "x" })
    const again = service.record(own.client)
    await direct.head({ Bucket: bucket, Key: "a" })
    expect(byOwnClient()).toBe(0)
    expect(again[0]!.headers["authorization"]).toContain("Credential=RENEWED/")
  })

  it("is left to whatever stands in for the client's send(), as mocks do", async () => {
    const { direct, own } = await service.bothWays(bucket, elsewhere)
    const send = vi.spyOn(own.client, "send").mockReturnValue(Promise.resolve({ ContentLength: 3 }) as never)
    expect(await direct.head({ Bucket: bucket, Key: "a" })).toMatchObject({ ContentLength: 3 })
    expect(send).toHaveBeenCalledOnce()
  })

  it("is left to the official client where the retry strategy is one of the old interface", async () => {
    const { direct, byOwnClient } = await service.bothWays(bucket, elsewhere, ({ config }) => {
      config.retryStrategy = async () =>
        ({ mode: "own", retry: (next: (args: unknown) => unknown, args: unknown) => next(args) }) as never
    })
    await direct.head({ Bucket: bucket, Key: "a" })
    expect(byOwnClient()).toBe(1)
  })
})

describe("digests on AWS", () => {
  const aws: S3StorageOptions = { region: "eu-west-1", credentials }
  const reading = async (requests: ObjectRequests) =>
    Buffer.concat(await Array.fromAsync((await requests.get({ Bucket: bucket, Key: "a" })).Body)).toString()

  it.each([
    ["crc32", "NhCmhg=="],
    ["sha1", "qvTGHdzF6KLavt4PO0gs2a6pQ00="],
    ["sha256", "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ="],
  ])("in %s are compared with what arrives", async (name, digest) => {
    const { direct, byOwnClient, sent } = await service.bothWays(bucket, aws)
    service.answers({ headers: { [`x-amz-checksum-${name}`]: digest }, body: "hello" })
    expect(await reading(direct)).toBe("hello")
    expect(sent.direct[0]!.headers["x-amz-checksum-mode"]).toBe("ENABLED")
    service.answers({ headers: { [`x-amz-checksum-${name}`]: digest }, body: "hallo" })
    await expect(reading(direct)).rejects.toMatchObject({ code: "checksum-mismatch" })
    expect(byOwnClient()).toBe(0)
  })

  it("that Node has no code for are left to the official client, from the first such object on", async () => {
    const { direct, byOwnClient, sent } = await service.bothWays(bucket, aws)
    service.answers({ headers: { "x-amz-checksum-crc32c": "mnG7TA==" }, body: "hello" })
    expect(await reading(direct)).toBe("hello")
    expect([byOwnClient(), sent.direct.length]).toEqual([1, 2])
    await reading(direct)
    expect([byOwnClient(), sent.direct.length]).toEqual([2, 3])
    service.answers({ headers: { "x-amz-checksum-crc32c": "mnG7TA==" }, body: "hallo" })
    await expect(reading(direct)).rejects.toThrow(/[Cc]hecksum/)
  })

  it("of parts say nothing of the whole", async () => {
    const { direct, byOwnClient } = await service.bothWays(bucket, aws)
    service.answers({ headers: { "x-amz-checksum-crc32": "AAAAAA==-3" }, body: "hello" })
    expect(await reading(direct)).toBe("hello")
    expect(byOwnClient()).toBe(0)
  })
})
