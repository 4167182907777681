import { describe, expect, it } from "vitest"
import { Semaphore } from "./semaphore.ts"

describe("Semaphore", () => {
  it("lets so many in at once, in the order in which they came", async () => {
    const places = new Semaphore(2)
    const order: number[] = []
    let [running, most] = [0, 0]
    const work = (index: number) => async () => {
      order.push(index)
      most = Math.max(most, ++running)
      await new Promise((resolve) => setTimeout(resolve, 1))
      running--
      return index
    }
    const results = await Promise.all([0, 1, 2, 3, 4].map((index) => places.run(work(index))))
    expect([results, order, most]).toEqual([[0, 1, 2, 3, 4], [0, 1, 2, 3, 4], 2])
  })

  it("gives back the place of work that fails", async () => {
    const places = new Semaphore(1)
    const failing = () => places.run(() => Promise.reject(new Error("no")))
    await Promise.allSettled([failing(), failing(), failing()])
    expect(await places.run(async () => "in")).toBe("in")
  })

  it("gives a place that comes free to who waits, and not to who comes by at that moment", async () => {
    const places = new Semaphore(1)
    const order: string[] = []
    const first = places.run(async () => void order.push("first"))
    const waiting = places.run(async () => void order.push("waiting"))
    await first
    await Promise.all([places.run(async () => void order.push("passing")), waiting])
    expect(order).toEqual(["first", "waiting", "passing"])
  })
})
