import { setImmediate } from "node:timers/promises"
import { describe, expect, test, vi } from "vitest"
import { DriverStorage } from "../driver-storage.ts"
import { codeOf, failureOf } from "../testing/failure.ts"
import { MapDriver, MapError } from "../testing/map-driver.ts"
import { PATIENCE } from "../testing/patience.ts"
import { limit } from "./limit.ts"

/** A driver whose head waits to be let go, and counts. */
function gated() {
  const driver = new MapDriver()
  const state = { running: 0, most: 0, order: [] as string[], open: [] as (() => void)[] }
  const head = driver.head.bind(driver)
  driver.head = async (key, options) => {
    state.order.push(key)
    state.most = Math.max(state.most, ++state.running)
    await new Promise<void>((resolve) => state.open.push(resolve))
    state.running--
    return head(key, options)
  }
  return { driver, state }
}

describe("limit", () => {
  test.each([1, 3])(
    "holds %i calls at once under load, in the order of their asking, and all come to an end",
    async (most) => {
      const driver = new MapDriver()
      const order: string[] = []
      let running = 0
      let highest = 0
      driver.head = async (key) => {
        order.push(key)
        highest = Math.max(highest, ++running)
        for (let turn = 0; turn < Number(key) % 4; turn++) await setImmediate()
        running--
        if (Number(key) % 5 === 0) throw new MapError("unavailable")
        return undefined
      }
      const storage = new DriverStorage(driver).with(limit(most))
      const asked = Array.from({ length: 60 }, (_, index) => String(index))
      const answers = await Promise.allSettled(asked.map((name) => storage.exists(name)))
      // The places are as many as before after all have been given back.
      answers.push(...(await Promise.allSettled(asked.map((name) => storage.exists(name)))))
      expect(highest).toBe(most)
      expect(order).toEqual([...asked, ...asked])
      expect(answers.filter(({ status }) => status === "rejected")).toHaveLength(24)
      expect(running).toBe(0)
    },
  )

  test("counts all members and all storages that the layer was given to", async () => {
    const { driver, state } = gated()
    const layer = limit(1)
    const one = new DriverStorage(driver).with(layer)
    const two = new DriverStorage(driver).with(layer)
    const answers = [one.exists("a"), two.exists("b"), one.write("c", "x")]
    await setImmediate()
    expect([state.order, driver.count("put")]).toEqual([["a"], 0])
    state.open.shift()!()
    await vi.waitFor(() => expect(state.order).toEqual(["a", "b"]), PATIENCE)
    expect(driver.count("put")).toBe(0)
    state.open.shift()!()
    await Promise.all(answers)
    expect([state.most, driver.count("put")]).toEqual([1, 1])
  })

  test("lets a waiting call go when its signal aborts, and keeps the place for the next", async () => {
    const { driver, state } = gated()
    const storage = new DriverStorage(driver).with(limit(1))
    const controller = new AbortController()
    const first = storage.exists("a")
    const second = failureOf(storage.exists("b", { signal: controller.signal }))
    const third = storage.exists("c")
    await setImmediate()
    controller.abort()
    expect((await second).code).toBe("aborted")
    state.open.shift()!()
    await first
    await vi.waitFor(() => expect(state.order).toEqual(["a", "c"]), PATIENCE)
    state.open.shift()!()
    await third
    expect(state.most).toBe(1)
  })

  test("does not keep a call waiting whose signal has aborted already", async () => {
    const { driver, state } = gated()
    const storage = new DriverStorage(driver).with(limit(1))
    const first = storage.exists("a")
    expect((await failureOf(storage.exists("b", { signal: AbortSignal.abort() }))).code).toBe("aborted")
    state.open.shift()!()
    await first
    expect(state.order).toEqual(["a"])
  })

  test("leaves no place taken by a call that failed or was aborted while it ran", async () => {
    const driver = new MapDriver()
    const storage = new DriverStorage(driver).with(limit(1))
    driver.fail = () => new MapError("unavailable")
    for (let round = 0; round < 3; round++) await failureOf(storage.stat("a"))
    driver.fail = () => undefined
    expect(await storage.exists("a")).toBe(false)
  })

  test("leaves no listener on the signal of a call that had to wait", async () => {
    const { driver, state } = gated()
    const storage = new DriverStorage(driver).with(limit(1))
    const { signal } = new AbortController()
    const remove = vi.spyOn(signal, "removeEventListener")
    const answers = [storage.exists("a"), storage.exists("b", { signal })]
    await setImmediate()
    state.open.shift()!()
    await vi.waitFor(() => expect(state.open).toHaveLength(1), PATIENCE)
    state.open.shift()!()
    await Promise.all(answers)
    expect(remove).toHaveBeenCalled()
  })

  test.each([0, -1, 1.5, NaN, Infinity, "2" as never])("refuses %o when it is made", (concurrency) => {
    expect(codeOf(() => limit(concurrency))).toBe("invalid-option")
  })
})
