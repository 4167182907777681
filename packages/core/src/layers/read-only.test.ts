import { describe, expect, test } from "vitest"
import { DriverStorage } from "../driver-storage.ts"
import { failureOf } from "../testing/failure.ts"
import { FullMapDriver, MapDriver } from "../testing/map-driver.ts"
import { readOnly } from "./read-only.ts"

describe.each([() => new FullMapDriver(), () => new MapDriver()])("readOnly", (make) => {
  test("refuses everything that writes or deletes, and the driver is not asked to", async () => {
    const driver = make()
    driver.seed("a", "x")
    const storage = new DriverStorage(driver).with(readOnly())
    const calls: Promise<unknown>[] = [
      storage.save("b", "x"),
      storage.save("a", "x", { overwrite: true }),
      storage.write("a", "x"),
      storage.write("b", "x", { ifAbsent: true }),
      storage.delete("a"),
      storage.copy("a", "b"),
      storage.copy("a", "b", { ifAbsent: true }),
      storage.move("a", "b"),
      storage.move("a", "b", { ifAbsent: true }),
      storage.signedUpload("b"),
    ]
    for (const refusal of await Promise.all(calls.map((call) => failureOf(call)))) {
      expect(refusal).toMatchObject({ code: "read-only", storage: "map:test" })
    }
    const failure = await failureOf(storage.deleteMany(["a"]))
    expect(failure.failures!.map(({ name, error }) => [name, error.code])).toEqual([["a", "read-only"]])
    const copyFrom = readOnly()(driver).copyFrom!({ service: "map", bucket: "bucket", key: "a" }, "b", {})
    expect(await failureOf(copyFrom)).toMatchObject({ code: "read-only", operation: "copy", key: "b" })
    for (const member of ["put", "remove", "removeMany", "copy", "copyFrom", "move", "signedUpload"])
      expect(driver.count(member)).toBe(0)
    expect(driver.text("a")).toBe("x")
  })

  test("refuses every step of a multipart upload but a look at what has arrived", async () => {
    const driver = make()
    const storage = new DriverStorage(driver).with(readOnly())
    if (!(driver instanceof FullMapDriver)) {
      expect(await failureOf(storage.startMultipart("a"))).toMatchObject({ code: "unsupported" })
      return
    }
    const { id } = await new DriverStorage(driver).startMultipart("a")
    const upload = storage.multipart("a", id)
    await new DriverStorage(driver).multipart("a", id).storePart(1, "xyz")
    const before = driver.calls.length
    const calls = [
      storage.startMultipart("a"),
      upload.signPart(1, { size: 1 }),
      upload.storePart(1, "x"),
      upload.complete([{ number: 1, size: 1 }]),
      upload.abort(),
    ]
    for (const refusal of await Promise.all(calls.map((call) => failureOf(call)))) {
      expect(refusal).toMatchObject({ code: "read-only", operation: "multipart upload", storage: "map:test", key: "a" })
    }
    expect(driver.calls).toHaveLength(before)
    expect(await upload.parts()).toMatchObject([{ number: 1, size: 3 }])
  })

  test("lets everything be read", async () => {
    const driver = make()
    driver.seed("a", "x")
    const storage = new DriverStorage(driver, { baseUrl: "/m/" }).with(readOnly())
    expect(await storage.open("a").text()).toBe("x")
    expect(await storage.exists("a")).toBe(true)
    expect((await storage.stat("a")).size).toBe(1)
    expect((await storage.listdir()).files).toHaveLength(1)
    expect((await storage.list().next()).value).toMatchObject({ name: "a" })
    expect(readOnly()(driver).place?.("a")).toEqual(driver instanceof FullMapDriver ? driver.place("a") : undefined)
    expect(storage.checkSigned?.("a", "A")?.method).toBe(driver instanceof FullMapDriver ? "GET" : undefined)
    expect([storage.publicUrl("a"), await storage.url("a")]).toEqual(["/m/a", "/m/a"])
    await storage.close()
  })
})
