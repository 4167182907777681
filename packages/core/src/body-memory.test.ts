import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { setImmediate } from "node:timers/promises"
import { expect, test } from "vitest"
import type { PutBody } from "./driver.ts"
import { DriverStorage } from "./driver-storage.ts"
import { MapDriver } from "./testing/map-driver.ts"

setFlagsFromString("--expose-gc")
const collectGarbage = runInNewContext("gc") as () => void

test("a stream that is stored with a signal holds no chunk that has gone out", async () => {
  const chunks: WeakRef<Uint8Array>[] = []
  async function* stream() {
    for (let index = 0; index < 50; index++) {
      const chunk = new Uint8Array(1000)
      chunks.push(new WeakRef(chunk))
      yield chunk
      await setImmediate()
    }
  }
  const driver = new MapDriver()
  let held: number | undefined
  driver.put = async (key: string, body: PutBody) => {
    let count = 0
    for await (const _ of body.stream()) {
      if (++count < 50) continue
      collectGarbage()
      held = chunks.filter((chunk) => chunk.deref() !== undefined).length
    }
    return { name: key, size: 50_000, modified: new Date(0) }
  }
  await new DriverStorage(driver).write("a", stream(), { signal: new AbortController().signal })
  expect(held).toBeLessThan(10)
})
