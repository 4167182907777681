import { inspect } from "node:util"
import { afterEach, describe, expect, test, vi } from "vitest"
import { StorageError, type StorageErrorCode } from "./errors.ts"

afterEach(() => vi.resetModules())

describe("StorageError", () => {
  test("is an Error with its code, its name and a stack", () => {
    const error = new StorageError("not-found", "There is no such file.")
    expect(error).toBeInstanceOf(Error)
    expect(error.name).toBe("StorageError")
    expect(error.stack).toMatch(/^StorageError: There is no such file\./)
    expect(Object.keys(error)).not.toContain("name")
    expect("cause" in error).toBe(false)
  })

  test.each<[StorageErrorCode, boolean]>([
    ["network", true],
    ["rate-limited", true],
    ["unavailable", true],
    ["timeout", false],
    ["aborted", false],
    ["not-found", false],
    ["permission-denied", false],
    ["conflict", false],
    ["precondition-failed", false],
    ["source-failed", false],
    ["unknown", false],
  ])("with the code %s has retryable %s", (code, retryable) => {
    expect(new StorageError(code, "").retryable).toBe(retryable)
  })

  test("says whether to retry as it is told", () => {
    expect(new StorageError("conflict", "", { retryable: true }).retryable).toBe(true)
    expect(new StorageError("network", "", { retryable: false }).retryable).toBe(false)
  })

  test("is recognised, by code too", () => {
    const error: unknown = new StorageError("not-found", "")
    expect(StorageError.is(error)).toBe(true)
    expect(StorageError.is(error, "not-found")).toBe(true)
    expect(StorageError.is(error, "network")).toBe(false)
  })

  test.each([undefined, null, "not-found", 1, {}, new Error("x"), { code: "not-found", name: "StorageError" }])(
    "is not recognised in %o",
    (value) => {
      expect(StorageError.is(value)).toBe(false)
    },
  )

  test("is recognised across two installed copies", async () => {
    vi.resetModules()
    const copy = await import("./errors.ts")
    expect(copy.StorageError).not.toBe(StorageError)
    const foreign: unknown = new copy.StorageError("not-found", "")
    expect(foreign).not.toBeInstanceOf(StorageError)
    expect(StorageError.is(foreign, "not-found")).toBe(true)
    expect(copy.StorageError.is(new StorageError("network", ""), "network")).toBe(true)
  })

  test("has a JSON form without its cause and without the cause's secrets", () => {
    const cause = Object.assign(new Error("refused"), { request: { authorization: "hunter2" } })
    const error = new StorageError("permission-denied", "Refused.", {
      operation: "write",
      storage: "s3://bucket",
      key: "a.txt",
      cause,
    })
    expect(error.cause).toBe(cause)
    expect(JSON.parse(JSON.stringify(error))).toEqual({
      name: "StorageError",
      code: "permission-denied",
      message: "Refused.",
      retryable: false,
      operation: "write",
      storage: "s3://bucket",
      key: "a.txt",
    })
    expect(JSON.stringify({ error })).not.toContain("hunter2")
  })

  test("shows no brand when it is printed", () => {
    expect(inspect(new StorageError("conflict", "x"))).not.toContain("Symbol")
  })
})
