import { setImmediate } from "node:timers/promises"
import { expect, test } from "vitest"
import { WorkLimit } from "./work-limit.ts"

/** Jobs that run until they are told to end. */
class Jobs {
  readonly begun: string[] = []
  readonly #ends = new Map<string, () => void>()

  work(name: string): () => Promise<string> {
    return async () => {
      this.begun.push(name)
      await new Promise<void>((resolve) => this.#ends.set(name, resolve))
      return name
    }
  }

  async end(name: string): Promise<void> {
    this.#ends.get(name)!()
    await settle()
  }
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await setImmediate()
}

test("lets only so many jobs run, and begins them in the order of their arrival", async () => {
  const [limit, jobs] = [new WorkLimit(2, Infinity, "collect"), new Jobs()]
  const results = ["a", "b", "c", "d"].map((name) => limit.run(1, jobs.work(name)))
  await settle()
  expect(jobs.begun).toEqual(["a", "b"])
  await jobs.end("b")
  expect(jobs.begun).toEqual(["a", "b", "c"])
  await jobs.end("a")
  await jobs.end("c")
  await jobs.end("d")
  expect(await Promise.all(results)).toEqual(["a", "b", "c", "d"])
})

test("lets only so many bytes be worked on, and what has more of them alone", async () => {
  const [limit, jobs] = [new WorkLimit(10, 100, "collect"), new Jobs()]
  const sizes = { a: 60, b: 40, c: 500, d: 1 }
  const results = Object.entries(sizes).map(([name, size]) => limit.run(size, jobs.work(name)))
  await settle()
  expect(jobs.begun).toEqual(["a", "b"])
  await jobs.end("a")
  expect(jobs.begun).toEqual(["a", "b"])
  await jobs.end("b")
  expect(jobs.begun).toEqual(["a", "b", "c"])
  await jobs.end("c")
  expect(jobs.begun).toEqual(["a", "b", "c", "d"])
  await jobs.end("d")
  results.push(limit.run(60, jobs.work("e")), limit.run(40, jobs.work("f")))
  await settle()
  expect(jobs.begun.slice(4)).toEqual(["e", "f"])
  await jobs.end("e")
  await jobs.end("f")
  await Promise.all(results)
})

test("gives the place of a job that fails to the next", async () => {
  const [limit, jobs] = [new WorkLimit(1, 100, "collect"), new Jobs()]
  const failing = limit.run(1, () => Promise.reject(new Error("boom")))
  const throwing = limit.run(1, () => {
    throw new Error("bang")
  })
  const next = limit.run(1, jobs.work("next"))
  await expect(failing).rejects.toThrow("boom")
  await expect(throwing).rejects.toThrow("bang")
  await settle()
  await jobs.end("next")
  expect(await next).toBe("next")
})

test("does not begin what is aborted while it waits, and lets others pass", async () => {
  const [limit, jobs, aborting] = [new WorkLimit(2, 100, "collect"), new Jobs(), new AbortController()]
  const first = limit.run(50, jobs.work("first"))
  const large = limit.run(80, jobs.work("large"), aborting.signal)
  const small = limit.run(10, jobs.work("small"))
  await settle()
  expect(jobs.begun).toEqual(["first"])
  aborting.abort()
  await expect(large).rejects.toMatchObject({ code: "aborted", operation: "collect" })
  await settle()
  expect(jobs.begun).toEqual(["first", "small"])
  await jobs.end("first")
  await jobs.end("small")
  await Promise.all([first, small])
})

test("does not wait for what is aborted while it runs, but keeps its place for it", async () => {
  const [limit, jobs, aborting] = [new WorkLimit(1, 100, "collect"), new Jobs(), new AbortController()]
  const first = limit.run(1, jobs.work("first"), aborting.signal)
  const second = limit.run(1, jobs.work("second"))
  await settle()
  aborting.abort()
  await expect(first).rejects.toMatchObject({ code: "aborted", operation: "collect" })
  await settle()
  expect(jobs.begun).toEqual(["first"])
  await jobs.end("first")
  expect(jobs.begun).toEqual(["first", "second"])
  await jobs.end("second")
  await second
})

test("begins nothing with a signal that has aborted", async () => {
  const jobs = new Jobs()
  const run = new WorkLimit(1, 1, "collect").run(1, jobs.work("never"), AbortSignal.abort())
  await expect(run).rejects.toMatchObject({ code: "aborted", operation: "collect" })
  expect(jobs.begun).toEqual([])
})
