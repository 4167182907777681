import { setImmediate } from "node:timers/promises"
import { describe, expect, test } from "vitest"
import { pool } from "./pool.ts"

const ITEMS = Array.from({ length: 20 }, (_, index) => index)

async function* slowly<Item>(items: readonly Item[]): AsyncGenerator<Item> {
  for (const item of items) {
    await setImmediate()
    yield item
  }
}

describe("pool", () => {
  test.each([1, 4])("does the work for each item once, %i at once, and begins in their order", async (limit) => {
    for (const items of [ITEMS, slowly(ITEMS)]) {
      const begun: number[] = []
      let [running, most] = [0, 0]
      await pool(items, limit, async (item) => {
        begun.push(item)
        most = Math.max(most, ++running)
        for (let turn = 0; turn < 5; turn++) await setImmediate()
        running--
      })
      expect([begun, most, running]).toEqual([ITEMS, limit, 0])
    }
  })

  test("takes no item before there is a place for it", async () => {
    let taken = 0
    async function* counted() {
      for (const item of ITEMS) {
        taken++
        yield item
      }
    }
    const open: (() => void)[] = []
    const done = pool(counted(), 3, () => new Promise((resolve) => open.push(resolve)))
    await setImmediate()
    expect(taken).toBe(3)
    open.shift()!()
    await setImmediate()
    expect(taken).toBe(4)
    while (taken < ITEMS.length || open.length > 0) {
      open.shift()?.()
      await setImmediate()
    }
    await done
  })

  test("ends with the first failure: what is under way is waited for, and no further item is begun", async () => {
    const [begun, ended]: [number[], number[]] = [[], []]
    const failed = pool(ITEMS, 3, async (item) => {
      begun.push(item)
      await setImmediate()
      if (item === 1) throw new Error("boom")
      await setImmediate()
      ended.push(item)
    })
    await expect(failed).rejects.toThrow("boom")
    expect([begun, ended]).toEqual([
      [0, 1, 2],
      [0, 2],
    ])
  })

  test("begins nothing with an item that arrives after a failure", async () => {
    const begun: number[] = []
    let left = false
    async function* late() {
      try {
        yield 1
        for (let turn = 0; turn < 3; turn++) await setImmediate()
        yield 2
      } finally {
        left = true
      }
    }
    const failed = pool(late(), 3, async (item) => {
      begun.push(item)
      throw new Error(`boom ${item}`)
    })
    await expect(failed).rejects.toThrow("boom 1")
    expect([begun, left]).toEqual([[1], true])
  })

  test("waits for what is under way when the items themselves fail", async () => {
    let ended = false
    async function* failing() {
      yield 1
      throw new Error("no more items")
    }
    const failed = pool(failing(), 3, async () => {
      for (let turn = 0; turn < 3; turn++) await setImmediate()
      ended = true
    })
    await expect(failed).rejects.toThrow("no more items")
    expect(ended).toBe(true)
  })
})
