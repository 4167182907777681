import { describe, expect, test, vi, afterEach } from "vitest"
import type { PutOptions } from "../driver.ts"
import { StorageError } from "../errors.ts"
import { failureOf } from "../testing/failure.ts"
import { firstFreeKey, putUnderFreeKey } from "./free-key.ts"

const BYTES = Buffer.from("the bytes of a long body")

/** A service on which an upload ends with a race for its key. */
function serviceWith(taken: readonly string[], lost: readonly string[]) {
  const stored = new Map<string, string>()
  return {
    stored,
    target: "test://bucket",
    exists: async (key: string) => taken.includes(key),
    async send(key: string, content: AsyncIterable<Uint8Array>) {
      const chunks: Uint8Array[] = []
      for await (const chunk of content) chunks.push(chunk)
      if (lost.includes(key)) throw new Error("lost")
      stored.set(key, Buffer.concat(chunks).toString())
      return { name: key, size: 0, modified: new Date() }
    },
    isTaken: (error: unknown) => (error as Error).message === "lost",
  }
}

async function* stream() {
  yield BYTES.subarray(0, 7)
  yield BYTES.subarray(7)
}

function optionsWith(...alternatives: string[]): PutOptions {
  return { contentType: "text/plain", ifAbsent: true, nextKey: () => alternatives.shift()! }
}

const once = () => ({ stream: stream(), size: undefined, replayable: false })

afterEach(() => {
  vi.unstubAllEnvs()
})

describe("a long body for a key that is taken", () => {
  test("goes under the alternative, before anything of it is sent", async () => {
    const service = serviceWith(["a"], [])
    expect((await putUnderFreeKey("a", once(), optionsWith("b"), service)).name).toBe("b")
    expect([...service.stored]).toEqual([["b", String(BYTES)]])
  })

  test("is refused where there is no alternative, and not read", async () => {
    const service = serviceWith(["a"], [])
    const options: PutOptions = { contentType: "text/plain", ifAbsent: true }
    const error = await failureOf(putUnderFreeKey("a", once(), options, service))
    expect(error).toMatchObject({ code: "already-exists", key: "a", storage: "test://bucket" })
    expect(service.stored.size).toBe(0)
  })

  test("is not asked about without ifAbsent", async () => {
    const exists = vi.fn(async () => true)
    expect(await firstFreeKey("test://bucket", "a", { contentType: "x/y" }, exists)).toBe("a")
    expect(exists).not.toHaveBeenCalled()
  })
})

describe("a long body that loses the race for its key", () => {
  test("is sent again from a temporary file, as often as it takes", async () => {
    const service = serviceWith([], ["a", "b"])
    expect((await putUnderFreeKey("a", once(), optionsWith("b", "c"), service)).name).toBe("c")
    expect([...service.stored]).toEqual([["c", String(BYTES)]])
  })

  test("is refused where it can't be kept, and the upload itself needs no temporary file", async () => {
    vi.stubEnv("TMPDIR", "/nonexistent")
    const error = await failureOf(putUnderFreeKey("a", once(), optionsWith("b"), serviceWith([], ["a"])))
    expect(error.code).toBe("already-exists")
    expect((await putUnderFreeKey("a", once(), optionsWith("b"), serviceWith([], []))).name).toBe("a")
  })

  test("is refused where core can send it again by itself: nothing is kept for it", async () => {
    const body = { ...once(), replayable: true }
    const error = await failureOf(putUnderFreeKey("a", body, optionsWith("b"), serviceWith([], ["a"])))
    expect(error.code).toBe("already-exists")
  })

  test("fails with any other error as it is", async () => {
    const service = { ...serviceWith([], ["a"]), isTaken: () => false }
    await expect(putUnderFreeKey("a", once(), optionsWith("b"), service)).rejects.toThrow("lost")
  })
})

test("the error of a taken key is a StorageError with the service's as its cause", async () => {
  const error = await failureOf(
    putUnderFreeKey("a", { ...once(), replayable: true }, optionsWith("b"), serviceWith([], ["a"])),
  )
  expect(StorageError.is(error, "already-exists")).toBe(true)
  expect((error.cause as Error).message).toBe("lost")
})
