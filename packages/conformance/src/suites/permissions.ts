import assert from "node:assert/strict"
import {
  describePermissions,
  type DriverPermissions,
  type Permission,
  prefix,
  type StorageDriver,
} from "@node-storages/core"
import { has } from "../needs.ts"
import { type Suite, suite } from "../suite.ts"

const ALWAYS_THERE = ["read", "stat", "write", "delete", "list"] as const

/** What an optional operation is made of: where the driver has one of these, its permissions are told too. */
const OPTIONAL: Readonly<
  Record<Exclude<keyof DriverPermissions, (typeof ALWAYS_THERE)[number]>, (keyof StorageDriver)[]>
> = {
  copy: ["copy", "copyFrom"],
  move: ["move"],
  url: ["signedUrl"],
  signedUpload: ["signedUpload"],
  multipart: ["multipart"],
}

export const permissions: Suite = suite("permissions", (test) => {
  test("are told for each operation that the driver has", [has("permissions")], async ({ driver }) => {
    const told = driver.permissions!
    for (const operation of ALWAYS_THERE) assert.ok(told[operation].length > 0, `${operation} needs nothing`)
    for (const [operation, members] of Object.entries(OPTIONAL) as [keyof typeof OPTIONAL, (keyof StorageDriver)[]][]) {
      const member = members.find((candidate) => driver[candidate])
      assert.ok(!member || told[operation], `the driver has ${member}, and does not tell what ${operation} needs`)
    }
  })

  test("are named, and say what they are granted on", [has("permissions")], async ({ driver }) => {
    for (const [operation, needed] of Object.entries(driver.permissions!) as [string, readonly Permission[]][]) {
      for (const { name, on } of needed) {
        assert.ok(name.trim() !== "" && on.trim() !== "", `${operation} needs ${JSON.stringify({ name, on })}`)
      }
      const always = needed.filter(({ onlyFor }) => onlyFor === undefined)
      assert.ok(
        needed.length === 0 || always.length > 0,
        `${operation} always needs one of them: ${describePermissions(needed)}`,
      )
      const distinct = new Set(needed.map(({ name, on, onlyFor }) => JSON.stringify([name, on, onlyFor])))
      assert.equal(distinct.size, needed.length, `${operation} names one twice: ${describePermissions(needed)}`)
    }
  })

  test("are the same below a prefix", [has("permissions")], async ({ storage, driver, driverOf }) => {
    assert.deepEqual(driverOf(storage.with(prefix("a"))).permissions, driver.permissions)
  })
})
