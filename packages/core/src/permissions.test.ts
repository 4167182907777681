import { describe, expect, test } from "vitest"
import type { StorageDriver } from "./driver.ts"
import { normalizeErrors } from "./normalize-errors.ts"
import { describePermissions } from "./permissions.ts"
import { failureOf } from "./testing/failure.ts"
import { FullMapDriver, MapDriver, MapError } from "./testing/map-driver.ts"

describe("permissions in words", () => {
  test("are told together where they are granted on the same thing", () => {
    expect(
      describePermissions([
        { name: "get", on: "objects" },
        { name: "put", on: "objects" },
        { name: "list", on: "the bucket" },
      ]),
    ).toBe("get and put on objects, list on the bucket")
  })

  test("tell what else contains them", () => {
    expect(
      describePermissions([
        { name: "read", on: "the container", grantedBy: "the role Reader" },
        { name: "write", on: "the container", grantedBy: "the role Writer" },
      ]),
    ).toBe("read on the container (the role Reader), write on the container (the role Writer)")
  })

  test("that are not always needed come last, each with its purpose", () => {
    expect(
      describePermissions([
        { name: "list", on: "the bucket", onlyFor: "a missing file" },
        { name: "get", on: "objects" },
        { name: "decrypt", on: "the key", onlyFor: "encryption" },
      ]),
    ).toBe("get on objects; for a missing file also list on the bucket; for encryption also decrypt on the key")
  })

  test("of nothing are nothing", () => {
    expect(describePermissions([])).toBe("")
  })
})

describe("a refusal", () => {
  const CALLS: Readonly<
    Record<string, [needs: string | undefined, call: (driver: StorageDriver) => Promise<unknown>]>
  > = {
    get: ["map:Get", (driver) => driver.get("a", {})],
    head: ["map:Get", (driver) => driver.head("a", {})],
    remove: ["map:Delete", (driver) => driver.remove("a", {})],
    page: ["map:Keys", (driver) => driver.page({ prefix: "", recursive: true })],
    copy: ["map:Copy", (driver) => driver.copy!("a", "b", {})],
    copyFrom: ["map:Copy", (driver) => driver.copyFrom!(driver.place!("a")!, "b", {})],
    move: ["map:Move", (driver) => driver.move!("a", "b", {})],
    removeMany: ["map:Delete", (driver) => driver.removeMany!(["a"], {})],
    signedUrl: [undefined, (driver) => driver.signedUrl!("a", { signedAt: new Date(0), expiresIn: 1 })],
    "multipart.parts": ["map:Parts", (driver) => driver.multipart!.parts("a", "id", {})],
  }
  const refused = (code: "permission-denied" | "network"): FullMapDriver => {
    const driver = new FullMapDriver()
    driver.fail = () => new MapError(code)
    return driver
  }

  test.each(Object.entries(CALLS))("of %s ends with what it needs", async (_, [needs, call]) => {
    const driver = refused("permission-denied")
    const { message } = await failureOf(call(normalizeErrors(driver)))
    if (needs === undefined) expect(message).not.toContain("It needs")
    else expect(message).toMatch(new RegExp(`\\(the map said permission-denied\\)\\. It needs ${needs} on the map$`))
  })

  test("of one of many files tells it too", async () => {
    const driver = new FullMapDriver()
    driver.removeMany = async () => [{ key: "a", error: new MapError("permission-denied") }]
    const [failure] = await normalizeErrors(driver).removeMany!(["a"], {})
    expect((failure!.error as Error).message).toMatch(/It needs map:Delete on the map$/)
  })

  test("says nothing of permissions where the driver tells none, or something else went wrong", async () => {
    const silent = new MapDriver()
    silent.fail = () => new MapError("permission-denied")
    expect((await failureOf(normalizeErrors(silent).head("a", {}))).message).not.toContain("needs")
    expect((await failureOf(normalizeErrors(refused("network")).head("a", {}))).message).not.toContain("needs")
  })
})
