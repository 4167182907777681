import { Readable } from "node:stream"
import { setImmediate } from "node:timers/promises"
import { describe, expect, test } from "vitest"
import { toContent } from "../content.ts"
import type { CompleteDriver, CompleteMultipart, Layer, StorageDriver } from "../driver.ts"
import { DriverStorage } from "../driver-storage.ts"
import { failureOf } from "../testing/failure.ts"
import { FullMapDriver, MapError } from "../testing/map-driver.ts"
import { intercept } from "./intercept.ts"
import { limit } from "./limit.ts"
import { retry } from "./retry.ts"
import { timeout } from "./timeout.ts"

type Asynchronous = Exclude<
  keyof CompleteDriver,
  | "name"
  | "target"
  | "features"
  | "limits"
  | "permissions"
  | "errorCode"
  | "retryAfter"
  | "place"
  | "publicUrl"
  | "checkSigned"
  | "multipart"
  | "close"
>

const SIGNING = { signedAt: new Date(0), expiresIn: 1, contentType: "text/plain" }

/** Held complete by the compiler. */
const CALLS: Readonly<Record<Asynchronous, (driver: StorageDriver, signal: AbortSignal) => Promise<unknown>>> = {
  put: (driver, signal) => driver.put("a", toContent("x"), { contentType: "text/plain", signal }),
  get: (driver, signal) => driver.get("a", { signal }),
  head: (driver, signal) => driver.head("a", { signal }),
  remove: (driver, signal) => driver.remove("a", { signal }),
  page: (driver, signal) => driver.page({ prefix: "", recursive: true, signal }),
  pageNames: (driver, signal) => driver.pageNames!({ prefix: "", recursive: true, signal }),
  copy: (driver, signal) => driver.copy!("a", "b", { signal }),
  copyFrom: (driver, signal) => driver.copyFrom!(driver.place!("a")!, "b", { signal }),
  move: (driver, signal) => driver.move!("a", "b", { signal }),
  removeMany: (driver, signal) => driver.removeMany!(["a"], { signal }),
  signedUrl: (driver, signal) => driver.signedUrl!("a", { ...SIGNING, signal }),
  signedUpload: (driver, signal) => driver.signedUpload!("a", { ...SIGNING, signal }),
}

test.each(Object.entries(CALLS))(
  "intercept goes around %s, and gives it the signal that it is told",
  async (name, call) => {
    const driver = new FullMapDriver()
    driver.seed("a", "x")
    const [given, other] = [new AbortController().signal, new AbortController().signal]
    const seen: unknown[] = []
    const layer = intercept((around) => {
      seen.push(around.member, around.signal, around.body !== undefined)
      return around.run(other)
    })
    await call(layer(driver), given)
    expect(seen).toEqual([name, given, name === "put"])
    expect(driver.calls.at(-1)).toMatchObject({ member: name, options: { signal: other } })
  },
)

/** Held complete by the compiler. */
const MULTIPART_CALLS: Readonly<
  Record<Exclude<keyof CompleteMultipart, "limits">, (driver: StorageDriver, signal: AbortSignal) => Promise<unknown>>
> = {
  start: ({ multipart }, signal) => multipart!.start("a", { contentType: "text/plain", signal }),
  signPart: ({ multipart }, signal) => multipart!.signPart("a", "upload-1", 1, { ...SIGNING, size: 1, signal }),
  parts: ({ multipart }, signal) => multipart!.parts("a", "upload-1", { signal }),
  complete: ({ multipart }, signal) => multipart!.complete("a", "upload-1", [], { signal }),
  abort: ({ multipart }, signal) => multipart!.abort("a", "upload-1", { signal }),
  storePart: ({ multipart }, signal) => multipart!.storePart!("a", "upload-1", 1, toContent("x"), { signal }),
}

test.each(Object.entries(MULTIPART_CALLS))(
  "intercept goes around %s of a multipart upload, and gives it the signal that it is told",
  async (name, call) => {
    const driver = new FullMapDriver()
    await driver.multipart.start("a", { contentType: "text/plain" })
    const [given, other] = [new AbortController().signal, new AbortController().signal]
    const seen: unknown[] = []
    const layer = intercept((around) => {
      seen.push(around.member, around.signal, around.body !== undefined)
      return around.run(other)
    })
    await call(layer(driver), given)
    expect(seen).toEqual(["multipart", given, name === "storePart"])
    expect(driver.calls.at(-1)).toMatchObject({ member: `multipart.${name}`, keys: ["a"], options: { signal: other } })
  },
)

test("a part is sent again by retry() while its content can be read again, and never with a consumed stream", async () => {
  const driver = new FullMapDriver()
  const storage = new DriverStorage(driver).with(retry({ delay: 0.001 }))
  const upload = await storage.startMultipart("a")
  driver.fail = (member) =>
    member === "multipart.storePart" && driver.count(member) === 1 ? new MapError("unavailable") : undefined
  expect(await upload.storePart(1, "abc")).toMatchObject({ number: 1, size: 3 })
  expect(driver.count("multipart.storePart")).toBe(2)
  driver.fail = (member) => (member === "multipart.storePart" ? new MapError("unavailable") : undefined)
  expect(await failureOf(upload.storePart(1, Readable.from(["abc"])))).toMatchObject({ code: "unavailable" })
  expect(driver.count("multipart.storePart")).toBe(3)
})

describe("a copy from another storage", () => {
  /** Two drivers of one service; the first copy into the second fails, or hangs until its signal aborts. */
  function failing(layer: Layer, hangs = false) {
    const [source, target] = [new FullMapDriver(), new FullMapDriver()]
    source.seed("a", "x")
    let calls = 0
    const copyFrom = target.copyFrom.bind(target)
    target.copyFrom = async (from, to, options) => {
      if (++calls > 1) return copyFrom(from, to, options)
      if (!hangs) throw new MapError("unavailable")
      return new Promise((_, reject) => options.signal!.addEventListener("abort", () => reject(options.signal!.reason)))
    }
    const { driver } = new DriverStorage(target).with(layer) as DriverStorage
    const copy = (signal?: AbortSignal) => driver.copyFrom!(source.place("a"), "b", { signal })
    return { copy, target, calls: () => calls }
  }

  test("is repeated by retry()", async () => {
    const { copy, target, calls } = failing(retry({ delay: 0.001 }))
    await copy()
    expect([calls(), target.text("b")]).toEqual([2, "x"])
  })

  test("is cut off by timeout()", async () => {
    expect((await failureOf(failing(timeout(0.02), true).copy())).code).toBe("timeout")
  })

  test("waits for its turn with limit()", async () => {
    const { copy, target, calls } = failing(limit(1), true)
    const controller = new AbortController()
    const [first, second] = [failureOf(copy(controller.signal)), copy()]
    await setImmediate()
    expect(calls()).toBe(1)
    controller.abort()
    expect((await first).code).toBe("aborted")
    await second
    expect(target.text("b")).toBe("x")
  })
})
