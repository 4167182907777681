import { createServer } from "node:net"
import type { AddressInfo } from "node:net"
import { describe, expect, test } from "vitest"
import { StorageError } from "../errors.ts"
import { codeOfStatus, isNetworkError, retryAfterOf } from "./error-codes.ts"

describe("codeOfStatus", () => {
  test.each([
    [401, "unauthenticated"],
    [403, "permission-denied"],
    [404, "not-found"],
    [409, "conflict"],
    [412, "precondition-failed"],
    [429, "rate-limited"],
    [500, "unavailable"],
    [501, "unsupported"],
    [502, "unavailable"],
    [503, "rate-limited"],
    [507, "no-space"],
    [599, "unavailable"],
  ] as const)("says of %i: %s", (status, code) => {
    expect(codeOfStatus(status)).toBe(code)
  })

  test("says nothing of other answers: a retry of those would not help", () => {
    for (const status of [undefined, 200, 304, 400, 410, 418]) expect(codeOfStatus(status)).toBeUndefined()
  })

  test("calls retryable only 408, 429 and 5xx other than 501 and 507", () => {
    const retryable = Array.from({ length: 500 }, (_, index) => index + 100).filter((status) => {
      const code = codeOfStatus(status)
      return code !== undefined && new StorageError(code, "").retryable
    })
    expect(retryable.filter((status) => status < 500)).toEqual([408, 429])
    expect(retryable).not.toContain(501)
    expect(retryable).not.toContain(507)
    expect(retryable.filter((status) => status >= 500)).toHaveLength(98)
  })
})

describe("isNetworkError", () => {
  test("knows what Node throws of a closed port, an unknown host and a connection that is cut", async () => {
    const closed = createServer().listen(0, "127.0.0.1")
    await new Promise((resolve) => closed.once("listening", resolve))
    const { port } = closed.address() as AddressInfo
    await new Promise((resolve) => closed.close(resolve))
    const refused = await fetch(`http://127.0.0.1:${port}`).catch((error: Error) => error.cause)
    expect(isNetworkError(refused)).toBe(true)
    const cutting = createServer((socket) => socket.destroy()).listen(0, "127.0.0.1")
    await new Promise((resolve) => cutting.once("listening", resolve))
    const address = cutting.address() as AddressInfo
    const cut = await fetch(`http://127.0.0.1:${address.port}`).catch((error: Error) => error.cause)
    await new Promise((resolve) => cutting.close(resolve))
    expect(isNetworkError(cut)).toBe(true)
    expect(isNetworkError(Object.assign(new Error("getaddrinfo"), { code: "ENOTFOUND" }))).toBe(true)
    expect(isNetworkError(new Error("socket hang up"))).toBe(true)
  })

  test("takes nothing else for one", () => {
    const others = [
      undefined,
      null,
      "ECONNRESET",
      new Error("boom"),
      Object.assign(new Error("x"), { code: "EACCES" }),
      Object.assign(new Error("x"), { code: "ENOENT" }),
      Object.assign(new Error("x"), { code: 104 }),
      new Error("the upload was aborted by its owner"),
    ]
    for (const error of others) expect(isNetworkError(error)).toBe(false)
  })
})

describe("retryAfterOf", () => {
  test.each([
    ["3", 3],
    ["0", 0],
    ["0.5", 0.5],
    ["", undefined],
    [null, undefined],
    [undefined, undefined],
    ["-1", undefined],
    ["soon", undefined],
    ["Wed, 21 Oct 2026 07:28:00 GMT", undefined],
  ])("reads %o as %o seconds", (header, seconds) => {
    expect(retryAfterOf(header)).toBe(seconds)
  })
})
