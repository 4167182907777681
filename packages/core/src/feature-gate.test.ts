import { Readable } from "node:stream"
import { describe, expect, test } from "vitest"
import type { DriverFeatures, PutOptions } from "./driver.ts"
import { DriverStorage } from "./driver-storage.ts"
import { gateFeatures } from "./feature-gate.ts"
import { toContent } from "./content.ts"
import { failureOf } from "./testing/failure.ts"
import { ALL_FEATURES, FullMapDriver, MapDriver } from "./testing/map-driver.ts"

const GATED: readonly (readonly [keyof PutOptions, keyof DriverFeatures, unknown])[] = [
  ["ifAbsent", "conditionalCreate", true],
  ["ifMatch", "conditionalMatch", '"1"'],
  ["metadata", "metadata", { a: "b" }],
  ["cacheControl", "cacheControl", "no-store"],
  ["contentDisposition", "contentDisposition", "inline"],
  ["contentEncoding", "contentEncoding", "gzip"],
  ["contentLanguage", "contentLanguage", "de"],
]

describe("an option that the backend can't honour", () => {
  test.each(GATED)("is refused before the request: %s without %s", async (option, feature, value) => {
    const driver = new MapDriver()
    driver.features = { ...ALL_FEATURES, [feature]: false }
    const source = Readable.from(["abc"])
    const failure = await failureOf(new DriverStorage(driver).write("a.txt", source, { [option]: value }))
    expect(failure).toMatchObject({ code: "unsupported", storage: "map:test" })
    expect(failure.message).toContain(`"${option}"`)
    expect(driver.calls).toEqual([])
    expect(source.destroyed).toBe(true)
  })

  test.each(GATED)("is passed on where it can: %s with %s alone", async (option, feature, value) => {
    const driver = new MapDriver()
    const none = Object.fromEntries(GATED.map(([, name]) => [name, false])) as unknown as DriverFeatures
    driver.features = { ...none, [feature]: true }
    driver.seed("a.txt", "old")
    const name = option === "ifAbsent" ? "b.txt" : "a.txt"
    await new DriverStorage(driver).write(name, "abc", { [option]: value })
    expect(driver.calls.at(-1)!.options).toMatchObject({ [option]: value })
  })

  test("is no matter where it is off, empty or not given", async () => {
    const driver = new MapDriver()
    driver.features = Object.fromEntries(GATED.map(([, name]) => [name, false])) as unknown as DriverFeatures
    await new DriverStorage(driver).write("a.txt", "abc", { ifAbsent: false, metadata: {}, cacheControl: undefined })
    expect(driver.text("a.txt")).toBe("abc")
  })

  test("is refused also when it comes from the storage's defaults or from the file that is copied", async () => {
    const driver = new MapDriver()
    driver.features = { ...ALL_FEATURES, cacheControl: false }
    const defaults = { cacheControl: "no-store" }
    expect((await failureOf(new DriverStorage(driver, { defaults }).write("a", "x"))).code).toBe("unsupported")
    const source = new MapDriver()
    source.seed("a", "x", defaults)
    const copying = new DriverStorage(driver).write("a", new DriverStorage(source).open("a"))
    expect((await failureOf(copying)).code).toBe("unsupported")
  })

  test.each(["cacheControl", "contentDisposition", "metadata"] as const)(
    "is refused for signed uploads: %s",
    async (option) => {
      const driver = new FullMapDriver()
      driver.features = { ...ALL_FEATURES, [option]: false }
      const value = option === "metadata" ? { a: "b" } : "inline"
      const failure = await failureOf(new DriverStorage(driver).signedUpload("a", { [option]: value }))
      expect(failure.code).toBe("unsupported")
      expect(driver.calls).toEqual([])
    },
  )

  test.each(["cacheControl", "contentDisposition", "metadata"] as const)(
    "is refused for multipart uploads, when they start: %s",
    async (option) => {
      const driver = new FullMapDriver()
      driver.features = { ...ALL_FEATURES, [option]: false }
      const value = option === "metadata" ? { a: "b" } : "inline"
      const failure = await failureOf(new DriverStorage(driver).startMultipart("a", { [option]: value }))
      expect(failure.code).toBe("unsupported")
      expect(driver.calls).toEqual([])
    },
  )

  test.each(["copy", "move"] as const)("is refused for %s: ifAbsent without conditionalCopy", async (member) => {
    const driver = new FullMapDriver()
    driver.features = { ...ALL_FEATURES, conditionalCopy: false }
    driver.seed("a", "x")
    const gated = gateFeatures(driver)
    expect((await failureOf(gated[member]!("a", "b", { ifAbsent: true }))).code).toBe("unsupported")
    expect(driver.calls).toEqual([])
    await gated[member]!("a", "b", { ifAbsent: false })
    expect(driver.text("b")).toBe("x")
  })

  test("is refused for copyFrom: ifAbsent without conditionalCopy", async () => {
    const [source, driver] = [new FullMapDriver(), new FullMapDriver()]
    driver.features = { ...ALL_FEATURES, conditionalCopy: false }
    source.seed("a", "x")
    const gated = gateFeatures(driver)
    expect((await failureOf(gated.copyFrom!(source.place("a"), "b", { ifAbsent: true }))).code).toBe("unsupported")
    expect(driver.calls).toEqual([])
    await gated.copyFrom!(source.place("a"), "b", { ifAbsent: false })
    expect(driver.text("b")).toBe("x")
  })

  test("is refused as a rejection, not a throw", async () => {
    const driver = new MapDriver()
    driver.features = { ...ALL_FEATURES, ifMatch: false, conditionalMatch: false } as DriverFeatures
    const put = gateFeatures(driver).put("a", toContent("x"), { contentType: "text/plain", ifMatch: '"1"' })
    expect((await failureOf(put)).code).toBe("unsupported")
  })
})
