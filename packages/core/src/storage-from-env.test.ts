import { inspect } from "node:util"
import { afterAll, afterEach, beforeEach, describe, expect, expectTypeOf, test, vi } from "vitest"
import { defineStorages } from "./define-storages.ts"
import { DriverStorage } from "./driver-storage.ts"
import { StorageError } from "./errors.ts"
import type { Storage } from "./storage.ts"
import { storageFromEnv } from "./storage-from-env.ts"
import { queryOptions, registerScheme } from "./storage-url.ts"
import { failureOf } from "./testing/failure.ts"
import { MapDriver } from "./testing/map-driver.ts"

const REGISTRY = Symbol.for("node-storages.schemes")
const holder = globalThis as { [REGISTRY]?: Map<string, unknown> }
const before = holder[REGISTRY]

beforeEach(() => {
  delete holder[REGISTRY]
  registerScheme("map", (url) => {
    queryOptions(url, { region: "text", partSize: "number" })
    return new DriverStorage(new MapDriver(), { location: url.hostname })
  })
})
afterEach(() => {
  vi.unstubAllEnvs()
  vi.unstubAllGlobals()
})
afterAll(() => {
  if (before) holder[REGISTRY] = before
  else delete holder[REGISTRY]
})

const fallback = () => new DriverStorage(new MapDriver(), { location: "fallback" })
const targetOf = (storage: Storage) => (storage as DriverStorage).driver.target

describe("storageFromEnv", () => {
  test("makes the storage of the variable's URL, read when it is first used", () => {
    const storages = defineStorages({ media: storageFromEnv("MEDIA_STORAGE_URL", fallback) })
    vi.stubEnv("MEDIA_STORAGE_URL", "map://from-the-environment")
    expect(targetOf(storages.media)).toBe("map:test/from-the-environment")
    expectTypeOf(storages.media).toEqualTypeOf<Storage>()
  })

  test.each([undefined, ""])("takes the fallback where the variable is %o", (value) => {
    vi.stubEnv("MEDIA_STORAGE_URL", value)
    expect(targetOf(defineStorages({ media: storageFromEnv("MEDIA_STORAGE_URL", fallback) }).media)).toBe(
      "map:test/fallback",
    )
  })

  test.each([
    [undefined, "The environment variable MEDIA_STORAGE_URL is not set."],
    ["", "The environment variable MEDIA_STORAGE_URL is empty."],
    ["hunter2", "The environment variable MEDIA_STORAGE_URL: this is no URL"],
    [
      "map://a?regoin=hunter2",
      'MEDIA_STORAGE_URL: A map: storage URL has no parameter "regoin". Did you mean "region"?',
    ],
    ["map://a?partSize=hunter2", 'MEDIA_STORAGE_URL: The storage URL\'s parameter "partSize" must be a number.'],
    ["mapp://user:hunter2@a", 'MEDIA_STORAGE_URL: no adapter for "mapp:" is registered. Did you mean "map:"?'],
    ["s3://user:hunter2@a", 'MEDIA_STORAGE_URL: no adapter for "s3:" is registered. Import "@node-storages/s3" first'],
  ])("tells of %o what is wrong, by the variable's name and without its value", async (value, message) => {
    vi.stubEnv("MEDIA_STORAGE_URL", value)
    const { media } = { media: storageFromEnv("MEDIA_STORAGE_URL") }
    const failure = await failureOf(media)
    expect(failure.code).toBe("invalid-option")
    expect(failure.message).toContain(message)
    const within = await failureOf(() => defineStorages({ media }).media)
    expect(within.message).toBe(`storages.media: ${failure.message}`)
    expect(inspect(within, { depth: 9, showHidden: true })).not.toContain("hunter2")
  })

  test("tells the place where the variable is named", async () => {
    function inTheConfiguration() {
      return defineStorages({ media: storageFromEnv("MEDIA_STORAGE_URL") })
    }
    for (const value of [undefined, "map://a?regoin=x"]) {
      vi.stubEnv("MEDIA_STORAGE_URL", value)
      const { stack } = await failureOf(() => inTheConfiguration().media)
      expect(stack).toMatch(/^StorageError: storages\.media: The environment variable MEDIA_STORAGE_URL/)
      expect(stack).toMatch(/\n\s+at inTheConfiguration /)
    }
  })

  test("does not take the fallback for a variable that is wrong", async () => {
    vi.stubEnv("MEDIA_STORAGE_URL", "mapp://a")
    expect((await failureOf(storageFromEnv("MEDIA_STORAGE_URL", fallback))).message).toContain("MEDIA_STORAGE_URL")
  })

  test("is asked again once the variable is mended", async () => {
    const storages = defineStorages({ media: storageFromEnv("MEDIA_STORAGE_URL") })
    vi.stubEnv("MEDIA_STORAGE_URL", undefined)
    await failureOf(() => storages.media)
    vi.stubEnv("MEDIA_STORAGE_URL", "map://a")
    expect(storages.media).toBe(storages.media)
  })

  test.each(["s3://user:hunter2@bucket", "", "1MEDIA", "MEDIA-URL", undefined, 42])(
    "wants a name and not the value: %o is refused at once, and not shown",
    async (name) => {
      const failure = await failureOf(() => storageFromEnv(name as never))
      expect(failure.message).toContain("the name of an environment variable, not its value")
      expect(inspect(failure)).not.toContain("hunter2")
    },
  )

  test("wants a function as fallback", async () => {
    expect((await failureOf(() => storageFromEnv("MEDIA_STORAGE_URL", fallback() as never))).message).toContain(
      "must be a function",
    )
  })

  test("works in runtimes without `process`: by its fallback, or by saying where else the URL can come from", async () => {
    vi.stubGlobal("process", undefined)
    try {
      expect(targetOf(storageFromEnv("MEDIA_STORAGE_URL", fallback)())).toBe("map:test/fallback")
      const error = (() => {
        try {
          storageFromEnv("MEDIA_STORAGE_URL")()
        } catch (thrown) {
          return thrown
        }
        return undefined
      })()
      expect(StorageError.is(error, "invalid-option") && error.message).toContain("no process.env")
    } finally {
      vi.unstubAllGlobals()
    }
  })
})
