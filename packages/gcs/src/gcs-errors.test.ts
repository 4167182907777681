import type { StorageErrorCode } from "@node-storages/core"
import { inspect } from "node:util"
import { describe, expect, it } from "vitest"
import { gcsErrorCode, ServiceError } from "./gcs-errors.ts"

function answered(status: number, reason: string, message = "It failed."): ServiceError {
  const data = { error: { code: status, message, errors: [{ domain: "global", reason, message }] } }
  return ServiceError.of({ message: "Request failed", response: { status, headers: new Headers(), data } }, 1)
}

describe("an error of the service", () => {
  it.each<[StorageErrorCode | undefined, ServiceError]>([
    ["not-found", answered(404, "notFound", "No such object: bucket/a.txt")],
    ["bucket-not-found", answered(404, "notFound", "The specified bucket does not exist.")],
    ["precondition-failed", answered(412, "conditionNotMet")],
    ["unauthenticated", answered(401, "authError", "Invalid Credentials")],
    ["unauthenticated", answered(401, "required", "Anonymous caller does not have storage.objects.get access")],
    ["permission-denied", answered(403, "forbidden")],
    ["rate-limited", answered(403, "userRateLimitExceeded")],
    ["rate-limited", answered(429, "rateLimitExceeded")],
    ["rate-limited", answered(503, "backendError")],
    ["unavailable", answered(500, "internalError")],
    ["unavailable", answered(502, "")],
    ["conflict", answered(409, "conflict")],
    ["checksum-mismatch", answered(400, "invalid", 'Provided CRC32C "AAAAAA==" doesn\'t match calculated CRC32C "x".')],
    ["invalid-name", answered(400, "invalid", "Invalid object name.")],
    ["invalid-option", answered(400, "invalid", "Cannot use ACL API when uniform bucket-level access is enabled.")],
    ["invalid-option", answered(400, "required", "Bucket is a requester pays bucket but no user project provided.")],
    [undefined, answered(400, "invalid", "Something else.")],
  ])("is %s for %s", (code, error) => {
    expect(gcsErrorCode(error)).toBe(code)
  })

  it("of the token endpoint is about credentials", () => {
    const data = { error: "invalid_grant", error_description: "Invalid JWT Signature." }
    const error = ServiceError.of({ response: { status: 400, headers: new Headers(), data } }, 1)
    expect(gcsErrorCode(error)).toBe("unauthenticated")
    expect(error.message).toBe("Invalid JWT Signature.")
  })

  it.each<[StorageErrorCode | undefined, object]>([
    ["network", { message: "request failed", code: "ECONNRESET" }],
    ["network", { message: "request failed", cause: { code: "ENOTFOUND" } }],
    ["network", { message: "The operation was aborted due to timeout", code: "TimeoutError" }],
    ["aborted", { message: "The operation was aborted.", code: "AbortError" }],
    ["unauthenticated", { message: "Could not load the default credentials." }],
    [undefined, { message: "A mistake of ours" }],
  ])("without an answer is %s for %j", (code, error) => {
    expect(gcsErrorCode(ServiceError.of(error, 1))).toBe(code)
  })

  it("tells how long to wait, and whether to try again", () => {
    const headers = new Headers({ "retry-after": "7" })
    const error = ServiceError.of({ response: { status: 503, headers, data: "" } }, 2)
    expect(error).toMatchObject({ retryAfter: 7, passing: true, attempts: 2 })
    expect(answered(403, "forbidden").passing).toBe(false)
  })

  it("keeps nothing of the request, which holds a token and the file's bytes", () => {
    const config = { headers: { authorization: "Bearer secret" }, data: "the bytes" }
    const error = ServiceError.of({ message: "x", config, response: { status: 500, config, data: "" } }, 1)
    expect(inspect(error, { depth: 10 })).not.toMatch(/secret|bytes/)
  })
})
