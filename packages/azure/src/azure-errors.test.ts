import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { StorageError } from "@node-storages/core"
import { afterEach, describe, expect, it } from "vitest"
import { azureErrorCode } from "./azure-errors.ts"
import { AzureStorage } from "./azure-storage.ts"

let server: Server | undefined
afterEach(() => server?.close())

/** A storage whose service gives this answer to everything. */
async function answering(
  status: number,
  code: string | undefined,
  headers: Record<string, string> = {},
): Promise<AzureStorage> {
  server = createServer((request, response) => {
    request.resume().on("end", () => {
      response.writeHead(status, {
        "content-type": "application/xml",
        ...(code !== undefined && { "x-ms-error-code": code }),
        ...headers,
      })
      const body =
        code && `<?xml version="1.0"?><Error><Code>${code}</Code><Message>words of the service</Message></Error>`
      response.end(request.method === "HEAD" ? undefined : body)
    })
  })
  await new Promise<void>((resolve) => server!.listen(0, "127.0.0.1", resolve))
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}/acmemedia`
  return new AzureStorage("media", { endpoint, accountKey: "c2VjcmV0" })
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
    [403, "AuthenticationFailed", "unauthenticated"],
    [401, "NoAuthenticationInformation", "unauthenticated"],
    [403, "AuthorizationFailure", "permission-denied"],
    [403, "AuthorizationPermissionMismatch", "permission-denied"],
    [403, "AccountIsDisabled", "permission-denied"],
    [404, "ContainerNotFound", "bucket-not-found"],
    [409, "ContainerBeingDeleted", "bucket-not-found"],
    [412, "ConditionNotMet", "precondition-failed"],
    [412, "LeaseIdMissing", "conflict"],
    [409, "LeaseAlreadyPresent", "conflict"],
    [409, "BlobArchived", "conflict"],
    [400, "Md5Mismatch", "checksum-mismatch"],
    [400, "Crc64Mismatch", "checksum-mismatch"],
    [400, "InvalidResourceName", "invalid-name"],
    [409, "BlobImmutableDueToPolicy", "permission-denied"],
    [409, undefined, "conflict"],
    [507, undefined, "no-space"],
  ] as const)("%i %s is %s", async (status, code, expected) => {
    const storage = await answering(status, code)
    for (const call of [() => storage.write("dir/a.txt", "x"), () => storage.stat("dir/a.txt")]) {
      const error = await failureOf(call())
      expect(error).toMatchObject({ code: expected, retryable: false, storage: "azblob://media", key: "dir/a.txt" })
      expect(error.message).toContain('"dir/a.txt" in azblob://media')
    }
  })

  it.each([
    [500, "InternalError", "unavailable"],
    [500, "OperationTimedOut", "unavailable"],
    [503, "ServerBusy", "rate-limited"],
    [429, undefined, "rate-limited"],
  ] as const)("%i %s is %s, which a retry may mend, and tells how long to wait", async (status, code, expected) => {
    const storage = await answering(status, code, { "retry-after": "0" })
    const error = await failureOf(storage.write("a.txt", "x"))
    expect(error).toMatchObject({ code: expected, retryable: true, retryAfter: 0 })
  })

  it("404 to HEAD tells a missing container from a missing blob by its header", async () => {
    expect(await (await answering(404, "BlobNotFound")).exists("a.txt")).toBe(false)
    server!.close()
    expect((await failureOf((await answering(404, "ContainerNotFound")).exists("a.txt"))).code).toBe("bucket-not-found")
  })

  it("403 is never a missing file", async () => {
    expect((await failureOf((await answering(403, undefined)).exists("a.txt"))).code).toBe("permission-denied")
  })

  it("201 to a put that stored other bytes is `checksum-mismatch`, and the blob of that version is deleted", async () => {
    const md5 = Buffer.alloc(16).toString("base64")
    const storage = await answering(201, undefined, { etag: '"0x1"', "content-md5": md5 })
    const requests: unknown[] = []
    server!.on("request", ({ method, headers }: { method: string; headers: Record<string, string> }) =>
      requests.push([method, headers["if-match"]]),
    )
    expect((await failureOf(storage.write("a.txt", "x"))).code).toBe("checksum-mismatch")
    expect(requests).toEqual([
      ["PUT", undefined],
      ["DELETE", '"0x1"'],
    ])
  })
})

describe("no answer", () => {
  it("is `network` for a port that is closed and a host that is not there", async () => {
    for (const endpoint of ["http://127.0.0.1:1/acmemedia", "http://no-such-host.invalid/acmemedia"]) {
      const storage = new AzureStorage("media", { endpoint, accountName: "acmemedia", accountKey: "c2VjcmV0" })
      expect(await failureOf(storage.stat("a.txt"))).toMatchObject({ code: "network", retryable: true })
    }
  })

  it.each(["CredentialUnavailableError", "AggregateAuthenticationError", "AuthenticationRequiredError"])(
    "because of @azure/identity's %s is `unauthenticated`",
    (name) => {
      expect(azureErrorCode(Object.assign(new Error("no"), { name }))).toBe("unauthenticated")
    },
  )

  it("of a kind that nobody knows is not explained", () => {
    for (const error of [new Error("?"), undefined, null, "text", { code: 5 }])
      expect(azureErrorCode(error)).toBeUndefined()
  })
})
