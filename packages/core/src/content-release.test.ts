import { PassThrough, Readable } from "node:stream"
import { setImmediate } from "node:timers/promises"
import { describe, expect, test, vi } from "vitest"
import type { ContentInput } from "./content.ts"
import { DriverStorage } from "./driver-storage.ts"
import { readOnly } from "./layers/read-only.ts"
import type { SaveOptions } from "./storage.ts"
import { failureOf } from "./testing/failure.ts"
import { ALL_FEATURES, collect, firstChunk, MapDriver, MapError } from "./testing/map-driver.ts"
import { PATIENCE } from "./testing/patience.ts"

/** A source that never comes to an end, and how to see that it was let go of. */
interface Source {
  readonly input: ContentInput
  readonly released: () => boolean
}

const chunk = Buffer.alloc(1024)

const slowNext = async () => {
  await setImmediate()
  return { done: false, value: chunk }
}
const hangingNext = () => new Promise<IteratorResult<Uint8Array>>(() => {})

const SOURCES: Readonly<Record<string, () => Source>> = {
  "a Node stream": () => {
    const stream = new Readable({ read: () => void setImmediate().then(() => stream.push(chunk)) })
    return { input: stream, released: () => stream.destroyed }
  },
  "a Node stream that hangs": () => {
    const stream = new PassThrough()
    stream.write(chunk)
    return { input: stream, released: () => stream.destroyed }
  },
  "a web stream": () => {
    const cancel = vi.fn<() => void>()
    return {
      input: new ReadableStream({ pull: (controller) => setImmediate().then(() => controller.enqueue(chunk)), cancel }),
      released: () => cancel.mock.calls.length > 0,
    }
  },
  "a web stream that hangs": () => {
    const cancel = vi.fn<() => void>()
    return {
      input: new ReadableStream({ start: (controller) => controller.enqueue(chunk), cancel }),
      released: () => cancel.mock.calls.length > 0,
    }
  },
  "an async iterable": () => {
    const end = vi.fn<() => Promise<IteratorResult<Uint8Array>>>(async () => ({ done: true, value: undefined }))
    return {
      input: { [Symbol.asyncIterator]: () => ({ next: slowNext, return: end }) },
      released: () => end.mock.calls.length > 0,
    }
  },
  "an async iterable that hangs": () => {
    const end = vi.fn<() => Promise<IteratorResult<Uint8Array>>>(async () => ({ done: true, value: undefined }))
    return {
      input: { [Symbol.asyncIterator]: () => ({ next: hangingNext, return: end }) },
      released: () => end.mock.calls.length > 0,
    }
  },
}

interface Failure {
  readonly code: string
  readonly name?: string
  readonly options?: (abort: AbortController) => SaveOptions
  readonly prepare?: (driver: MapDriver) => void
  /** Whether the source is read before it fails. */
  readonly reads?: boolean
}

const FAILURES: Readonly<Record<string, Failure>> = {
  "the name is invalid": { code: "invalid-name", name: "../a" },
  "the signal has aborted already": { code: "aborted", options: () => ({ signal: AbortSignal.abort() }) },
  "an option is unknown": { code: "invalid-option", options: () => ({ typo: 1 }) as SaveOptions },
  "the options are null": { code: "invalid-option", options: () => null as never },
  "the timeout is no duration": { code: "invalid-option", options: () => ({ timeout: "soon" as never }) },
  "a header is not allowed": { code: "invalid-option", options: () => ({ cacheControl: "a\r\nb: c" }) },
  "maxLength is nonsense": { code: "invalid-option", options: () => ({ maxLength: -1 }) },
  "the checksum is nonsense": { code: "invalid-option", options: () => ({ checksum: { crc: "1" } as never }) },
  "the backend can't honour an option": {
    code: "unsupported",
    options: () => ({ cacheControl: "no-store" }),
    prepare: (driver) => void (driver.features = { ...ALL_FEATURES, cacheControl: false }),
  },
  "the backend fails before it reads": {
    code: "permission-denied",
    prepare: (driver) =>
      void (driver.fail = (member) => (member === "put" ? new MapError("permission-denied") : undefined)),
  },
  "the signal aborts while it is read": {
    code: "aborted",
    reads: true,
    options: (abort) => {
      void setImmediate(undefined)
        .then(() => setImmediate())
        .then(() => abort.abort())
      return { signal: abort.signal }
    },
  },
}

describe.each(Object.entries(SOURCES))("%s is let go of", (_, makeSource) => {
  test.each(Object.entries(FAILURES))("when %s", async (__, failure) => {
    const driver = new MapDriver()
    failure.prepare?.(driver)
    const { input, released } = makeSource()
    const options = failure.options?.(new AbortController())
    const error = await failureOf(new DriverStorage(driver).save(failure.name ?? "a.bin", input, options))
    expect(error.code).toBe(failure.code)
    expect(driver.files.size).toBe(0)
    expect(driver.count("put") > 0 || !failure.reads).toBe(true)
    await vi.waitFor(() => expect(released()).toBe(true), PATIENCE)
  })

  test("when a layer refuses to write", async () => {
    const { input, released } = makeSource()
    const storage = new DriverStorage(new MapDriver()).with(readOnly())
    expect((await failureOf(storage.write("a.bin", input))).code).toBe("read-only")
    await vi.waitFor(() => expect(released()).toBe(true), PATIENCE)
  })

  test("when the backend fails after the first chunk", async () => {
    const { input, released } = makeSource()
    const driver = new MapDriver()
    driver.put = async (_key, body) => {
      const iterator = body.stream()[Symbol.asyncIterator]()
      // What hangs from the beginning gives no first chunk.
      await Promise.race([iterator.next(), setImmediate()])
      throw new MapError("no-space")
    }
    expect((await failureOf(new DriverStorage(driver).write("a.bin", input))).code).toBe("no-space")
    await vi.waitFor(() => expect(released()).toBe(true), PATIENCE)
  })
})

async function* download(ended: () => void): AsyncGenerator<Uint8Array> {
  try {
    for (;;) yield Buffer.from("01234")
  } finally {
    ended()
  }
}

describe("letting go", () => {
  test("of an async generator runs its finally", async () => {
    const ended = vi.fn<() => void>()
    async function* source() {
      try {
        for (;;) yield chunk
      } finally {
        ended()
      }
    }
    const driver = new MapDriver()
    driver.put = async (_key, body) => {
      await firstChunk(body.stream())
      throw new MapError("unavailable")
    }
    expect((await failureOf(new DriverStorage(driver).write("a.bin", source()))).code).toBe("unavailable")
    await vi.waitFor(() => expect(ended).toHaveBeenCalledOnce(), PATIENCE)
  })

  test.each([undefined, new AbortController().signal])(
    "of a file of another storage ends its download, with the signal %o",
    async (signal) => {
      const ended = vi.fn<() => void>()
      const source = new MapDriver()
      source.seed("s.bin", "0123456789")
      const { info } = source.files.get("s.bin")!
      source.get = async () => ({ info, length: 10, chunks: download(ended) })
      const driver = new MapDriver()
      driver.put = async (_key, body) => {
        await firstChunk(body.stream())
        throw new MapError("unavailable")
      }
      const file = new DriverStorage(source).open("s.bin")
      expect((await failureOf(new DriverStorage(driver).write("a.bin", file, { signal }))).code).toBe("unavailable")
      await vi.waitFor(() => expect(ended).toHaveBeenCalledOnce(), PATIENCE)
    },
  )

  test.each<[string, () => never | object]>([
    [
      "refuses to be iterated",
      () => {
        throw new Error("no")
      },
    ],
    [
      "fails in return()",
      () => ({ next: async () => ({ done: true }), return: () => Promise.reject(new Error("no")) }),
    ],
    [
      "throws in return()",
      () => ({
        next: async () => ({ done: true }),
        return: () => {
          throw new Error("no")
        },
      }),
    ],
    [
      "answers return() with no promise",
      () => ({ next: async () => ({ done: true }), return: () => ({ done: true }) }),
    ],
    ["has no return()", () => ({ next: async () => ({ done: true }) })],
  ])("never hides why it failed: a source that %s", async (_, iterate) => {
    const input = { [Symbol.asyncIterator]: iterate } as ContentInput
    expect((await failureOf(new DriverStorage(new MapDriver()).save("../a", input))).code).toBe("invalid-name")
  })

  test("of a stream that has been stored leaves nothing open", async () => {
    const node = Readable.from(["abc"])
    const cancel = vi.fn<() => void>()
    const web = new ReadableStream({
      start(controller) {
        controller.enqueue("abc")
        controller.close()
      },
      cancel,
    })
    const driver = new MapDriver()
    const storage = new DriverStorage(driver)
    await storage.save("node.txt", node)
    await storage.save("web.txt", web)
    expect([driver.text("node.txt"), driver.text("web.txt")]).toEqual(["abc", "abc"])
    expect(node.destroyed).toBe(true)
    expect(web.locked).toBe(false)
    expect(cancel).not.toHaveBeenCalled()
  })
})

describe("a source that fails", () => {
  const reason = new Error("the disk is gone")

  test.each<[string, () => ContentInput]>([
    ["a Node stream, in the middle", () => Readable.from(failing())],
    ["a Node stream, before it is read", () => new PassThrough().destroy(reason)],
    ["a web stream", () => ReadableStream.from(failing())],
    [
      "a web stream that has failed before",
      () => new ReadableStream({ start: (controller) => controller.error(reason) }),
    ],
    ["an async generator", () => failing()],
  ])("rejects with source-failed and its own error as cause: %s", async (_, make) => {
    const driver = new MapDriver()
    const error = await failureOf(new DriverStorage(driver).save("a.txt", make()))
    expect(error).toMatchObject({ code: "source-failed", operation: "save", cause: reason, retryable: false })
    expect(error.message).toContain("the disk is gone")
    expect(driver.files.size).toBe(0)
  })

  test("while nobody reads it yet takes nothing down", async () => {
    const stream = new PassThrough()
    const driver = new MapDriver()
    const put = driver.put.bind(driver)
    driver.put = async (key, body, options) => {
      stream.destroy(reason)
      // The error event comes before the first read.
      await setImmediate()
      return put(key, body, options)
    }
    const error = await failureOf(new DriverStorage(driver).save("a.txt", stream))
    expect(error).toMatchObject({ code: "source-failed", cause: reason })
  })

  test("is told as the reason also where the driver makes another error of it", async () => {
    const driver = new MapDriver()
    driver.put = async (_key, body) => {
      try {
        await collect(body.stream())
      } catch {
        throw new Error("upload aborted by the client library")
      }
      throw new Error("not reached")
    }
    const error = await failureOf(new DriverStorage(driver).save("a.txt", failing()))
    expect(error).toMatchObject({ code: "source-failed", cause: reason })
  })

  async function* failing(): AsyncGenerator<Uint8Array> {
    yield Buffer.from("abc")
    throw reason
  }
})
