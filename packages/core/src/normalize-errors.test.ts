import { describe, expect, test } from "vitest"
import { toContent } from "./content.ts"
import type { StorageDriver } from "./driver.ts"
import { StorageError, type StorageErrorCode } from "./errors.ts"
import { normalizeErrors } from "./normalize-errors.ts"
import { failureOf } from "./testing/failure.ts"
import { collect, FullMapDriver, MapDriver, MapError } from "./testing/map-driver.ts"

const SIGNING = { signedAt: new Date(0), expiresIn: 1, contentType: "text/plain" }

/** Every member that can fail, the operation that its errors name, and whether they name a key. */
const MEMBERS: Readonly<
  Record<
    string,
    [
      operation: string,
      key: string | undefined,
      call: (driver: StorageDriver, signal?: AbortSignal) => Promise<unknown>,
    ]
  >
> = {
  put: ["write", "a", (driver, signal) => driver.put("a", toContent("x"), { contentType: "text/plain", signal })],
  get: ["read", "a", (driver, signal) => driver.get("a", { signal })],
  head: ["stat", "a", (driver, signal) => driver.head("a", { signal })],
  remove: ["delete", "a", (driver, signal) => driver.remove("a", { signal })],
  page: ["list", "a/", (driver, signal) => driver.page({ prefix: "a/", recursive: true, signal })],
  copy: ["copy", "a", (driver, signal) => driver.copy!("a", "b", { signal })],
  copyFrom: ["copy", "b", (driver, signal) => driver.copyFrom!(driver.place!("a")!, "b", { signal })],
  move: ["move", "a", (driver, signal) => driver.move!("a", "b", { signal })],
  removeMany: ["delete", undefined, (driver, signal) => driver.removeMany!(["a"], { signal })],
  signedUrl: ["url", "a", (driver, signal) => driver.signedUrl!("a", { ...SIGNING, signal })],
  signedUpload: ["signedUpload", "a", (driver, signal) => driver.signedUpload!("a", { ...SIGNING, signal })],
  "multipart.start": [
    "multipart upload",
    "a",
    ({ multipart }, signal) => multipart!.start("a", { contentType: "text/plain", signal }),
  ],
  "multipart.signPart": [
    "multipart upload",
    "a",
    ({ multipart }, signal) => multipart!.signPart("a", "id", 1, { ...SIGNING, size: 1, signal }),
  ],
  "multipart.parts": ["multipart upload", "a", ({ multipart }, signal) => multipart!.parts("a", "id", { signal })],
  "multipart.complete": [
    "multipart upload",
    "a",
    ({ multipart }, signal) => multipart!.complete("a", "id", [], { signal }),
  ],
  "multipart.abort": ["multipart upload", "a", ({ multipart }, signal) => multipart!.abort("a", "id", { signal })],
  "multipart.storePart": [
    "multipart upload",
    "a",
    ({ multipart }, signal) => multipart!.storePart!("a", "id", 1, toContent("x"), { signal }),
  ],
}

function failing(error: unknown, before?: () => void): FullMapDriver {
  const driver = new FullMapDriver()
  driver.fail = (member) => {
    if (!(member in MEMBERS) && member !== "close") return undefined
    before?.()
    return error
  }
  return driver
}

describe.each(Object.entries(MEMBERS))("an error of %s", (_, [operation, key, call]) => {
  test.each<StorageErrorCode>(["permission-denied", "unauthenticated", "rate-limited", "no-space", "conflict"])(
    "has the code that the driver tells, and what it was about: %s",
    async (code) => {
      const error = new MapError(code)
      const failure = await failureOf(call(normalizeErrors(failing(error))))
      expect(failure).toMatchObject({ code, operation, key, storage: "map:test", cause: error })
      expect(failure.message).toContain("map:test")
      expect(failure.message).toContain(`the map said ${code}`)
    },
  )

  test("that the driver does not know is unknown", async () => {
    for (const error of [new MapError(undefined), new TypeError("x"), "a string", null]) {
      expect(await failureOf(call(normalizeErrors(failing(error))))).toMatchObject({ code: "unknown", operation })
    }
  })

  test("that is a StorageError passes as it is, and the driver is not asked", async () => {
    const error = new StorageError("checksum-mismatch", "x")
    const driver = failing(error)
    expect(await failureOf(call(normalizeErrors(driver)))).toBe(error)
    expect(driver.count("errorCode")).toBe(0)
  })

  test("carries what the service asked to wait", async () => {
    expect((await failureOf(call(normalizeErrors(failing(new MapError("rate-limited", 7)))))).retryAfter).toBe(7)
  })

  test("after an abort is the abort, unless the driver knows a better reason", async () => {
    const cases: [StorageErrorCode | undefined, StorageErrorCode][] = [
      [undefined, "aborted"],
      ["network", "aborted"],
      ["aborted", "aborted"],
      ["unknown", "aborted"],
      ["already-exists", "already-exists"],
      ["permission-denied", "permission-denied"],
    ]
    for (const [told, expected] of cases) {
      const controller = new AbortController()
      const driver = failing(new MapError(told), () => controller.abort())
      expect(await failureOf(call(normalizeErrors(driver), controller.signal))).toMatchObject({
        code: expected,
        operation,
      })
    }
  })

  test("after a time limit is a timeout", async () => {
    const controller = new AbortController()
    const driver = failing(new MapError(undefined), () => controller.abort(new DOMException("x", "TimeoutError")))
    const failure = await failureOf(call(normalizeErrors(driver), controller.signal))
    expect(failure).toMatchObject({ code: "timeout", operation, storage: "map:test", key })
  })

  test("does not come where the signal has aborted before: the driver is not called", async () => {
    const driver = new FullMapDriver()
    const failure = await failureOf(call(normalizeErrors(driver), AbortSignal.abort()))
    expect(failure).toMatchObject({ code: "aborted", operation, storage: "map:test" })
    expect(driver.calls).toEqual([])
  })
})

const broken = (error: unknown, before?: () => void) => {
  const driver = new MapDriver()
  driver.seed("a", "0123")
  const { info } = driver.files.get("a")!
  driver.get = async () => ({
    info,
    length: 8,
    chunks: (async function* () {
      yield Buffer.from("0123")
      before?.()
      throw error
    })(),
  })
  return normalizeErrors(driver)
}
const read = async (driver: StorageDriver, signal?: AbortSignal) => {
  const object = await driver.get("a", { signal })
  await collect(object!.chunks)
}

describe("an error in the middle of a body", () => {
  test("is wrapped too", async () => {
    const error = new MapError("network")
    expect(await failureOf(read(broken(error)))).toMatchObject({
      code: "network",
      operation: "read",
      key: "a",
      cause: error,
      retryable: true,
    })
    expect(await failureOf(read(broken(new Error("socket hang up"))))).toMatchObject({
      code: "unknown",
      operation: "read",
    })
  })

  test("after an abort is the abort", async () => {
    const controller = new AbortController()
    const driver = broken(new Error("socket hang up"), () => controller.abort())
    expect(await failureOf(read(driver, controller.signal))).toMatchObject({ code: "aborted", operation: "read" })
  })
})

describe("what removeMany could not remove", () => {
  test("has its errors wrapped one by one, with their keys", async () => {
    const driver = new FullMapDriver()
    const known = new StorageError("conflict", "x")
    driver.removeMany = async () => [
      { key: "a", error: new MapError("permission-denied") },
      { key: "b", error: known },
    ]
    const [a, b] = await normalizeErrors(driver).removeMany!(["a", "b"], {})
    expect(a!.error).toMatchObject({ name: "StorageError", code: "permission-denied", operation: "delete", key: "a" })
    expect(b!.error).toBe(known)
  })
})

describe("the rest of a driver", () => {
  test("is passed through: what it is, what it can, and what is missing", async () => {
    const driver = new FullMapDriver()
    const normalized = normalizeErrors(driver)
    expect([normalized.name, normalized.target, normalized.features, normalized.limits]).toEqual([
      "map",
      "map:test",
      driver.features,
      driver.limits,
    ])
    expect(normalized.publicUrl!("a")).toBe("https://public.test/a")
    const small = normalizeErrors(new MapDriver())
    for (const member of [
      "copy",
      "move",
      "removeMany",
      "publicUrl",
      "signedUrl",
      "signedUpload",
      "multipart",
      "close",
    ] as const) {
      expect(small[member]).toBeUndefined()
    }
    expect(await failureOf(normalizeErrors(failing(new MapError("network"))).close!())).toMatchObject({
      code: "network",
      operation: "close",
    })
  })

  test("answers undefined for what is missing, not an error", async () => {
    const normalized = normalizeErrors(new FullMapDriver())
    expect(await normalized.get("a", {})).toBeUndefined()
    expect(await normalized.head("a", {})).toBeUndefined()
    expect(await normalized.copy!("a", "b", {})).toBeUndefined()
  })
})
