import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { StorageError } from "@node-storages/core"
import { afterEach, describe, expect, it } from "vitest"
import { S3Storage } from "./s3-storage.ts"

let server: Server | undefined
afterEach(() => server?.close())

/** A storage whose service gives this answer to everything. */
async function answering(
  status: number,
  code: string | undefined,
  headers: Record<string, string> = {},
): Promise<S3Storage> {
  server = createServer((request, response) => {
    request.resume().on("end", () => {
      response.writeHead(status, { "content-type": "application/xml", ...headers })
      response.end(
        code && `<?xml version="1.0"?><Error><Code>${code}</Code><Message>words of the service</Message></Error>`,
      )
    })
  })
  await new Promise<void>((resolve) => server!.listen(0, "127.0.0.1", resolve))
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const credentials = { accessKeyId: "key", secretAccessKey: "secret" }
  return new S3Storage("bucket", {
    endpoint,
    region: "us-east-1",
    forcePathStyle: true,
    credentials,
    conditionalCreate: "put",
  })
}

async function failureOf(promise: Promise<unknown>): Promise<StorageError> {
  const error: unknown = await promise.then(
    () => expect.fail("It should have failed."),
    (reason: unknown) => reason,
  )
  if (!StorageError.is(error)) throw error
  return error
}

describe("an answer of the service", () => {
  it.each([
    [403, "AccessDenied", "permission-denied", false],
    [403, "InvalidAccessKeyId", "unauthenticated", false],
    [403, "SignatureDoesNotMatch", "unauthenticated", false],
    [400, "ExpiredToken", "unauthenticated", false],
    [403, "RequestTimeTooSkewed", "unauthenticated", false],
    [404, "NoSuchBucket", "bucket-not-found", false],
    [301, "PermanentRedirect", "wrong-region", false],
    [400, "AuthorizationHeaderMalformed", "wrong-region", false],
    [400, "BadDigest", "checksum-mismatch", false],
    [409, "OperationAborted", "conflict", false],
    [501, "NotImplemented", "unsupported", false],
    [507, undefined, "no-space", false],
  ] as const)("%i %s is %s", async (status, code, expected, retryable) => {
    const storage = await answering(status, code)
    const error = await failureOf(storage.write("dir/a.txt", "x"))
    expect(error).toMatchObject({
      code: expected,
      retryable,
      operation: "write",
      storage: "s3://bucket",
      key: "dir/a.txt",
    })
    expect(error.message).toContain('"dir/a.txt" in s3://bucket')
  })

  it.each([
    [500, "InternalError", "unavailable"],
    [503, "SlowDown", "rate-limited"],
    [429, "TooManyRequests", "rate-limited"],
  ] as const)("%i %s is %s, which a retry may mend, and tells how long to wait", async (status, code, expected) => {
    const storage = await answering(status, code, { "retry-after": "0" })
    const error = await failureOf(storage.write("a.txt", "x"))
    expect(error).toMatchObject({ code: expected, retryable: true, retryAfter: 0 })
  })

  it("without a body, to HEAD, is still told apart: 403 is never a missing file", async () => {
    const storage = await answering(403, undefined)
    expect((await failureOf(storage.exists("a.txt"))).code).toBe("permission-denied")
  })

  it("a bare 400 to HEAD that names the bucket's region is `wrong-region`", async () => {
    const storage = await answering(400, undefined, { "x-amz-bucket-region": "eu-central-1" })
    expect((await failureOf(storage.stat("a.txt"))).code).toBe("wrong-region")
  })

  it("404 to HEAD on a bucket that is missing is `bucket-not-found`, not false", async () => {
    const storage = await answering(404, undefined)
    const error = await failureOf(storage.exists("a.txt"))
    expect(error.code).toBe("bucket-not-found")
    expect(error.message).toContain('"bucket"')
  })

  it("200 to a put that stored other bytes is `checksum-mismatch`, and the object is deleted", async () => {
    const storage = await answering(200, undefined, { etag: '"00000000000000000000000000000000"' })
    const requests: string[] = []
    server!.on("request", (request: { method: string }) => requests.push(request.method))
    expect((await failureOf(storage.write("a.txt", "x"))).code).toBe("checksum-mismatch")
    expect(requests).toEqual(["PUT", "DELETE"])
  })
})

describe("no answer", () => {
  it("is `network` for a port that is closed and a host that is not there", async () => {
    for (const endpoint of ["http://127.0.0.1:1", "http://no-such-host.invalid"]) {
      const credentials = { accessKeyId: "key", secretAccessKey: "secret" }
      const storage = new S3Storage("bucket", { endpoint, region: "us-east-1", forcePathStyle: true, credentials })
      expect(await failureOf(storage.stat("a.txt"))).toMatchObject({ code: "network", retryable: true })
    }
  })

  it("is `unauthenticated` where there are no credentials, with the way out", async () => {
    const storage = new S3Storage("bucket", {
      region: "us-east-1",
      credentials: async () => {
        throw Object.assign(new Error("Could not load credentials from any providers"), {
          name: "CredentialsProviderError",
        })
      },
    })
    for (const call of [() => storage.stat("a.txt"), () => storage.url("a.txt")]) {
      expect((await failureOf(call())).code).toBe("unauthenticated")
    }
  })
})
