import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { describeStorage } from "./describe-storage.ts"
import { broken, BROKEN_DRIVERS, type BrokenDriver } from "./testing/broken-drivers.ts"
import { miniRunner } from "./testing/mini-runner.ts"
import { ObjectServer } from "./testing/object-server.ts"
import { referenceOptions } from "./testing/reference-storage.ts"

const server = new ObjectServer()
beforeAll(() => server.start())
afterAll(() => server.stop())

/** The paths of the tests that fail with this driver, of those that are said to catch it. The others are not run. */
async function failuresOf(driver: BrokenDriver): Promise<string[]> {
  const { runner, run } = miniRunner()
  describeStorage("broken", {
    ...referenceOptions(
      () => server,
      (honest) => broken(honest, driver),
    ),
    runner,
  })
  const results = await run((path) => path.startsWith(`broken > ${driver.caughtBy}`))
  return results.filter(({ outcome }) => outcome === "failed").map(({ path }) => path.slice("broken > ".length))
}

describe("the suite catches a driver that", () => {
  for (const driver of BROKEN_DRIVERS) {
    it(`${driver.fault} [${driver.caughtBy}]`, async () => {
      const failures = await failuresOf(driver)
      expect(failures.filter((path) => path.startsWith(driver.caughtBy))).not.toEqual([])
    })
  }
})
