import { describe, expect, test } from "vitest"
import type { CompleteDriver, CompleteMultipart, Layer, StorageDriver } from "../driver.ts"
import { gateFeatures } from "../feature-gate.ts"
import { normalizeErrors } from "../normalize-errors.ts"
import { FullMapDriver, MapDriver } from "../testing/map-driver.ts"
import { intercept } from "./intercept.ts"
import { limit } from "./limit.ts"
import { passThrough } from "./pass-through.ts"
import { prefix } from "./prefix.ts"
import { readOnly } from "./read-only.ts"
import { retry } from "./retry.ts"
import { timeout } from "./timeout.ts"

/** Held complete by the compiler: a member that is added to the driver and forgotten here does not compile. */
const MEMBERS: Readonly<Record<keyof CompleteDriver, "property" | "method">> = {
  name: "property",
  target: "property",
  features: "property",
  limits: "property",
  permissions: "property",
  put: "method",
  get: "method",
  head: "method",
  remove: "method",
  page: "method",
  pageNames: "method",
  errorCode: "method",
  retryAfter: "method",
  copy: "method",
  place: "method",
  copyFrom: "method",
  move: "method",
  removeMany: "method",
  publicUrl: "method",
  signedUrl: "method",
  signedUpload: "method",
  checkSigned: "method",
  multipart: "property",
  close: "method",
}

const MULTIPART_MEMBERS: Readonly<Record<keyof CompleteMultipart, "property" | "method">> = {
  limits: "property",
  start: "method",
  signPart: "method",
  parts: "method",
  complete: "method",
  abort: "method",
  storePart: "method",
}

const LAYERS: Readonly<Record<string, Layer>> = {
  passThrough,
  "intercept()": intercept((call) => call.run(call.signal)),
  "prefix()": prefix("p"),
  "readOnly()": readOnly(),
  "retry()": retry(),
  "timeout()": timeout("1h"),
  "limit()": limit(1),
  normalizeErrors,
  gateFeatures,
}

/** The members of a driver that are there, its own and its class's. */
function membersOf(driver: StorageDriver): string[] {
  return Object.keys(MEMBERS).filter((member) => driver[member as keyof StorageDriver] !== undefined)
}

describe.each(Object.entries(LAYERS))("%s", (name, layer) => {
  test("has every member of a driver as its own, so that it can be spread", () => {
    const full = layer(new FullMapDriver())
    expect(Object.keys(full).toSorted()).toEqual(Object.keys(MEMBERS).toSorted())
    for (const [member, kind] of Object.entries(MEMBERS)) {
      expect([member, typeof full[member as keyof StorageDriver] === "function"]).toEqual([member, kind === "method"])
    }
  })

  test("has every member of a multipart upload as its own too", () => {
    const multipart = layer(new FullMapDriver()).multipart!
    expect(Object.keys(multipart).toSorted()).toEqual(Object.keys(MULTIPART_MEMBERS).toSorted())
    for (const [member, kind] of Object.entries(MULTIPART_MEMBERS)) {
      const isMethod = typeof multipart[member as keyof CompleteMultipart] === "function"
      expect([member, isMethod]).toEqual([member, kind === "method"])
    }
  })

  test("offers no way to store a part where a service takes the parts", () => {
    const driver = new FullMapDriver()
    Object.assign(driver.multipart, { storePart: undefined })
    expect(layer(driver).multipart!.storePart).toBeUndefined()
  })

  test("claims nothing that the driver can't do", () => {
    const small = membersOf(layer(new MapDriver()))
    if (name === "readOnly()") {
      // Refusing is something that it can do for every driver.
      expect(small.toSorted()).toEqual(
        [...membersOf(new MapDriver()), "copy", "copyFrom", "move", "removeMany", "signedUpload"].toSorted(),
      )
    } else {
      expect(small).toEqual(membersOf(new MapDriver()))
    }
  })

  test("keeps the driver's `this` in every member", async () => {
    const driver = new FullMapDriver()
    driver.seed("p/a", "x")
    driver.seed("a", "x")
    const call = { signal: undefined, signedAt: new Date(0), expiresIn: 1, contentType: "text/plain" }
    const members = { ...layer(driver) }
    expect(await members.head("a", call)).toMatchObject({ name: "a" })
    expect((await members.get("a", call))!.length).toBe(1)
    expect((await members.page({ prefix: "", recursive: true })).files.map((file) => file.name)).toContain("a")
    expect((await members.pageNames!({ prefix: "", recursive: true })).names).toContain("a")
    expect(members.errorCode(new Error("x"))).toBeUndefined()
    expect(members.retryAfter!(new Error("x"))).toBeUndefined()
    expect(members.publicUrl!("a")).toMatch(/a$/)
    expect(members.place!("a")).toMatchObject({ bucket: driver.bucket })
    expect(members.checkSigned!("a", name === "prefix()" ? "P/A" : "A")).toMatchObject({ method: "GET" })
    await driver.multipart.start(name === "prefix()" ? "p/a" : "a", call)
    const multipart = { ...members.multipart! }
    expect([multipart.limits, await multipart.parts("a", "upload-1", call)]).toEqual([driver.multipart.limits, []])
    expect(await members.signedUrl!("a", call)).toContain("a")
    await members.close!()
    expect(driver.closed).toBe(true)
  })

  test("keeps what the driver is", () => {
    const driver = new FullMapDriver()
    const wrapped = layer(driver)
    expect(wrapped.name).toBe("map")
    expect(wrapped.target).toMatch(/^map:test/)
    expect(wrapped.features).toBe(driver.features)
    expect(wrapped.permissions).toBe(driver.permissions)
  })
})
