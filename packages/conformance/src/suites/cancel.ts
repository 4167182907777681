import assert from "node:assert/strict"
import { inspect } from "node:util"
import { StorageError } from "@node-storages/core"
import { generated, never, noise, SOURCES } from "../helpers/contents.ts"
import {
  expectContent,
  expectError,
  expectOnly,
  expectReleased,
  failureOf,
  namesIn,
  sleep,
  within,
} from "../helpers/expect.ts"
import { declares } from "../needs.ts"
import { type Suite, suite } from "../suite.ts"

const CHUNK = noise(70_000)
/**
 * In milliseconds: by when a call that was cancelled must be over. Its content never ends by itself, so that only a call
 * that hangs takes this long, and a busy machine does not.
 */
const PROMPT = 30_000

export const cancel: Suite = suite("cancel", (test) => {
  test("every method rejects with aborted when its signal has aborted before, and does nothing", async ({
    storage,
  }) => {
    await storage.write("a.txt", "old")
    const signal = AbortSignal.abort()
    const refused = (call: () => unknown) => expectError("aborted", call)
    await refused(() => storage.write("a.txt", "new", { signal }))
    await refused(() => storage.write("b.txt", generated(CHUNK), { signal }))
    await refused(() => storage.save("b.txt", "new", { signal }))
    await refused(() => storage.save("b.txt", "new", { signal, overwrite: true }))
    await refused(() => storage.stat("a.txt", { signal }))
    await refused(() => storage.exists("a.txt", { signal }))
    await refused(() => storage.open("a.txt", { signal }).bytes())
    await refused(() => storage.delete("a.txt", { signal }))
    await refused(() => storage.deleteMany(["a.txt"], { signal }))
    await refused(() => storage.list("", { signal }).next())
    await refused(() => storage.listdir("", { signal }))
    await refused(() => storage.copy("a.txt", "b.txt", { signal }))
    await refused(() => storage.move("a.txt", "b.txt", { signal }))
    await expectContent(storage, "a.txt", "old")
    await expectOnly(storage, ["a.txt"])
  })

  test("the reason of the signal is the cause of the error", async ({ storage }) => {
    const reason = new Error("the user went away")
    const error = await expectError("aborted", () => storage.write("a.txt", "x", { signal: AbortSignal.abort(reason) }))
    assert.equal(error.cause, reason)
  })

  for (const { kind, make } of SOURCES) {
    test(`a ${kind} is released when it was given with a signal that has aborted`, async ({ storage }) => {
      const source = make((index) => (index < 3 ? CHUNK : undefined))
      await expectError("aborted", () => storage.write("a.bin", source.content, { signal: AbortSignal.abort() }))
      await expectReleased(source)
      assert.equal(await storage.exists("a.bin"), false)
    })

    test(`a write of a ${kind} that is aborted in the middle leaves nothing, and releases the source`, async ({
      storage,
    }) => {
      await storage.write("old.bin", "old")
      for (const name of ["new.bin", "old.bin"]) {
        const controller = new AbortController()
        const source = make((index) => {
          if (index === 2) controller.abort()
          return CHUNK
        })
        const work = storage.write(name, source.content, { signal: controller.signal })
        await expectError("aborted", () => within(PROMPT, "an aborted write", work))
        await expectReleased(source)
      }
      await sleep(50)
      await expectContent(storage, "old.bin", "old")
      await expectOnly(storage, ["old.bin"])
    })

    test(`a write of a ${kind} that has gone silent ends as soon as it is aborted, and leaves nothing`, async ({
      storage,
    }) => {
      await storage.write("old.bin", "old")
      for (const name of ["new.bin", "old.bin"]) {
        const controller = new AbortController()
        const source = make((index) => (index < 2 ? CHUNK : never()))
        const work = storage.write(name, source.content, { signal: controller.signal })
        setTimeout(() => controller.abort(), 50)
        await expectError("aborted", () => within(PROMPT, "an aborted write", work))
      }
      await sleep(50)
      await expectContent(storage, "old.bin", "old")
      await expectOnly(storage, ["old.bin"])
    })

    test(`a write of a ${kind} that has gone silent ends at its timeout, and leaves nothing`, async ({ storage }) => {
      const source = make((index) => (index < 2 ? CHUNK : never()))
      const work = storage.write("new.bin", source.content, { timeout: "200ms" })
      await expectError("timeout", () => within(PROMPT, "a write over its time limit", work))
      await sleep(50)
      await expectOnly(storage, [])
    })
  }

  test("a write aborted between its last byte and its end commits nothing", async ({ storage }) => {
    await storage.write("old.bin", "old")
    for (const name of ["new.bin", "old.bin"]) {
      const controller = new AbortController()
      async function* content() {
        yield CHUNK
        controller.abort()
      }
      await expectError("aborted", () => storage.write(name, content(), { signal: controller.signal }))
    }
    await sleep(50)
    await expectContent(storage, "old.bin", "old")
    await expectOnly(storage, ["old.bin"])
  })

  test(
    "a save aborted between its last byte and its end commits nothing under any name",
    [declares("conditionalCreate")],
    async ({ storage }) => {
      await storage.write("taken.bin", "old")
      for (const name of ["new.bin", "taken.bin"]) {
        const controller = new AbortController()
        async function* content() {
          yield CHUNK
          controller.abort()
        }
        await expectError("aborted", () => storage.save(name, content(), { signal: controller.signal }))
      }
      await sleep(50)
      await expectContent(storage, "taken.bin", "old")
      await expectOnly(storage, ["taken.bin"])
    },
  )

  test("a write of bytes that rejects with aborted has committed nothing, and commits nothing later", async ({
    storage,
  }) => {
    // When it aborts is a matter of luck: over many moments one hits the gap between sending and committing.
    for (let turn = 0; turn < 12; turn++) {
      const name = `turn-${turn}.bin`
      const controller = new AbortController()
      const work = storage.write(name, noise(50_000), { signal: controller.signal })
      await afterTurns(turn, () => controller.abort())
      const error = await failureOf(() => within(PROMPT, "an aborted write", work))
      if (error === undefined) continue
      assert.ok(StorageError.is(error, "aborted"), inspect(error))
      await storage.write(`marker-${turn}`, "x")
    }
    await sleep(150)
    const names = await namesIn(storage)
    for (let turn = 0; turn < 12; turn++) {
      if (names.includes(`marker-${turn}`)) assert.ok(!names.includes(`turn-${turn}.bin`), "committed after the abort")
    }
  })

  test("a large body that is aborted on its way leaves nothing", async ({ storage, largeBytes }) => {
    for (const content of [noise(largeBytes), generated(noise(largeBytes))]) {
      const controller = new AbortController()
      const onProgress = ({ loaded }: { loaded: number }) => {
        if (loaded >= largeBytes / 2) controller.abort()
      }
      await expectError("aborted", () => storage.write("large.bin", content, { signal: controller.signal, onProgress }))
    }
    await sleep(50)
    await expectOnly(storage, [])
  })

  test("a signal that aborts after the call was over changes nothing", async ({ storage }) => {
    const controller = new AbortController()
    await storage.write("a.txt", "x", { signal: controller.signal })
    await storage.write("b.txt", generated(CHUNK), { signal: controller.signal })
    controller.abort()
    await sleep(20)
    await expectContent(storage, "a.txt", "x")
    await expectContent(storage, "b.txt", CHUNK)
  })

  test("a read that is aborted in the middle of the body rejects with aborted", async ({ storage, largeBytes }) => {
    await storage.write("large.bin", noise(largeBytes))
    const controller = new AbortController()
    const read = async () => {
      let loaded = 0
      for await (const chunk of storage.open("large.bin", { signal: controller.signal })) {
        loaded += chunk.byteLength
        controller.abort()
      }
      // What had arrived already may still be given: the whole must not look like a success cut short.
      if (loaded === largeBytes) throw new StorageError("aborted", "the whole body had arrived")
    }
    await expectError("aborted", () => within(PROMPT, "an aborted read", read()))
  })

  test("a listing that is aborted in the middle rejects with aborted", async ({ storage }) => {
    for (let index = 0; index < 5; index++) await storage.write(`${index}`, "x")
    const controller = new AbortController()
    const names: string[] = []
    const read = async () => {
      for await (const { name } of storage.list("", { signal: controller.signal })) {
        names.push(name)
        controller.abort()
      }
      if (names.length === 5) throw new StorageError("aborted", "the whole page had arrived")
    }
    await expectError("aborted", read)
  })
})

async function afterTurns(turns: number, work: () => void): Promise<void> {
  if (turns >= 8) await sleep(turns - 8)
  else for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve))
  work()
}
