import { afterAll, afterEach, beforeEach, describe, expect, expectTypeOf, test, vi } from "vitest"
import { DriverStorage } from "./driver-storage.ts"
import { StorageError } from "./errors.ts"
import { queryOptions, registerScheme, storageFromUrl } from "./storage-url.ts"
import { failureOf } from "./testing/failure.ts"
import { MapDriver } from "./testing/map-driver.ts"

const REGISTRY = Symbol.for("node-storages.schemes")
const holder = globalThis as { [REGISTRY]?: Map<string, unknown> }
const before = holder[REGISTRY]

beforeEach(() => void delete holder[REGISTRY])
afterEach(() => vi.resetModules())
afterAll(() => {
  if (before) holder[REGISTRY] = before
  else delete holder[REGISTRY]
})

const factory = (url: URL) => Object.assign(new DriverStorage(new MapDriver()), { url: url.href as never })

describe("storageFromUrl", () => {
  test("asks the adapter of the scheme, with the whole URL", () => {
    const made = vi.fn<typeof factory>(factory)
    registerScheme("s3", made)
    const storage = storageFromUrl("S3://bucket/location?region=eu-west-1")
    expect(made).toHaveBeenCalledOnce()
    const url = made.mock.calls[0]![0]
    expect([url.host, url.pathname, url.searchParams.get("region")]).toEqual(["bucket", "/location", "eu-west-1"])
    expect(storage).toBe(made.mock.results[0]!.value)
  })

  test("takes a URL object and leaves it as it is", () => {
    const made = vi.fn<typeof factory>(factory)
    registerScheme("memory", made)
    const url = new URL("memory:")
    storageFromUrl(url)
    expect(made.mock.calls[0]![0]).toEqual(url)
    expect(made.mock.calls[0]![0]).not.toBe(url)
  })

  test("finds a scheme that another installed copy has registered", async () => {
    vi.resetModules()
    const copy = await import("./storage-url.ts")
    expect(copy.registerScheme).not.toBe(registerScheme)
    copy.registerScheme("memory", factory)
    expect(storageFromUrl("memory:")).toBeInstanceOf(DriverStorage)
  })

  test.each([undefined, ""])("asks for the environment variable where it is given %o", async (url) => {
    const failure = await failureOf(() => storageFromUrl(url))
    expect(failure.code).toBe("invalid-option")
    expect(failure.message).toContain("environment variable")
  })

  test.each([
    "/srv/media",
    "bucket",
    "://user:hunter2@host",
    "http://user:hunter2@[bad",
    "s3//key:hunter2@bucket",
    null,
    42,
    {},
  ])("refuses %o without showing it", async (url) => {
    const failure = await failureOf(() => storageFromUrl(url as never))
    expect(failure.code).toBe("invalid-option")
    expect(`${failure.message} ${failure.stack} ${JSON.stringify(failure)}`).not.toContain("hunter2")
    expect(failure.cause).toBeUndefined()
  })

  test("shows no password of a scheme that is not known", async () => {
    registerScheme("s3", factory)
    for (const url of [
      "s4://key:hunter2@bucket",
      "S3X://key:hunter2@bucket?secret=hunter2",
      "constructor://key:hunter2@a",
    ]) {
      const failure = await failureOf(() => storageFromUrl(url))
      expect(failure.code).toBe("invalid-option")
      expect(failure.message).not.toContain("hunter2")
    }
  })

  test("suggests the nearest scheme and lists the registered ones", async () => {
    registerScheme("s3", factory)
    expect((await failureOf(() => storageFromUrl("s33://b"))).message).toContain('Did you mean "s3:"')
    expect((await failureOf(() => storageFromUrl("dropbox://b"))).message).toMatch(/Registered are: s3\.$/)
    expect((await failureOf(() => storageFromUrl("constructor://b"))).message).toMatch(/Registered are: s3\.$/)
  })

  test.each([
    ["s3", "@node-storages/s3"],
    ["gs", "@node-storages/gcs"],
    ["azblob", "@node-storages/azure"],
    ["file", "@node-storages/local"],
    ["memory", "@node-storages/memory"],
  ])("says for %s: which package to import", async (scheme, name) => {
    expect((await failureOf(() => storageFromUrl(`${scheme}://a`))).message).toContain(`Import "${name}" first`)
  })
})

describe("a URL that makes no storage", () => {
  const refusing = (message: string) =>
    registerScheme("s3", () => {
      throw new StorageError("invalid-option", message)
    })

  test("is told with what the adapter says, which is the cause", async () => {
    const error = new StorageError("unsupported", "S3Storage: no.")
    registerScheme("s3", () => {
      throw error
    })
    const failure = await failureOf(() => storageFromUrl("s3://bucket"))
    expect([failure.code, failure.message, failure.cause]).toEqual([
      "unsupported",
      "storageFromUrl(): S3Storage: no.",
      error,
    ])
  })

  test("never shows user, password, or a parameter that may hold some, whatever the adapter says", async () => {
    for (const url of [
      "s3://hunter2:x@bucket",
      "s3://x:hunter2@bucket",
      "s3://x:%68unter2@bucket",
      "s3://bucket?endpoint=key:hunter2@host",
      "s3://bucket?sasToken=sv%3D1%26sig%3Dhunter2",
    ]) {
      refusing(`endpoint "${[...new URL(url).searchParams.values()].join()}" of hunter2 ${url} is wrong`)
      const failure = await failureOf(() => storageFromUrl(url))
      if (url.includes("?")) {
        expect(failure.message).not.toContain("key:hunter2")
        expect(failure.message).not.toContain("sig=hunter2")
      } else expect(failure.message).not.toContain("hunter2")
      expect(failure.cause).toBeUndefined()
    }
    refusing('conditionalCreate must be one of put, none, not "puts".')
    expect((await failureOf(() => storageFromUrl("s3://bucket?conditionalCreate=puts"))).message).toContain('"puts"')
  })

  test("leaves words whole that a short user name is part of", async () => {
    refusing("A s3: storage URL has no parameter of me.")
    const failure = await failureOf(() => storageFromUrl("s3://me@bucket"))
    expect(failure.message).toBe("storageFromUrl(): A s3: storage URL has no parameter of ….")
  })

  test("with a malformed escape is told so", async () => {
    registerScheme("s3", (url) => void decodeURIComponent(url.pathname) as never)
    expect((await failureOf(() => storageFromUrl("s3://bucket/%zz"))).message).toContain("two hexadecimal digits")
  })

  test.each(["C:\\media", "c:/media"])("%s is a path of Windows, not a scheme", async (path) => {
    expect((await failureOf(() => storageFromUrl(path))).message).toContain("this is no URL")
  })

  test.each(["file:media", "file:./media", "FILE:media"])("%s would not be where it seems to be", async (url) => {
    registerScheme("file", factory)
    expect((await failureOf(() => storageFromUrl(url))).message).toContain("file:///srv/media")
    expect(storageFromUrl("file:/srv/media")).toBeInstanceOf(DriverStorage)
  })
})

describe("queryOptions", () => {
  const kinds = { region: "text", retries: "number", pathStyle: "flag" } as const
  const parse = (query: string) => queryOptions(new URL(`s3://bucket?${query}`), kinds)

  test("reads text, numbers and flags", () => {
    expect(parse("")).toEqual({})
    expect(parse("region=eu%20west&retries=3&pathStyle=true")).toEqual({
      region: "eu west",
      retries: 3,
      pathStyle: true,
    })
    expect(parse("pathStyle=false&retries=0&region=")).toEqual({ region: "", retries: 0, pathStyle: false })
    const { region, retries, pathStyle } = parse("")
    expectTypeOf(region).toEqualTypeOf<string | undefined>()
    expectTypeOf(retries).toEqualTypeOf<number | undefined>()
    expectTypeOf(pathStyle).toEqualTypeOf<boolean | undefined>()
  })

  test.each([
    "retries=x",
    "retries=",
    "retries=%20",
    "retries=Infinity",
    "pathStyle=1",
    "pathStyle=",
    "pathStyle=TRUE",
  ])("refuses %s without showing its value", async (query) => {
    const failure = await failureOf(() => parse(query))
    expect(failure.code).toBe("invalid-option")
    expect(failure.message).toContain(`"${query.split("=")[0]}"`)
  })

  test("names the nearest parameter for one that is not known", async () => {
    expect((await failureOf(() => parse("regoin=x"))).message).toContain('Did you mean "region"?')
    expect((await failureOf(() => parse("zzzzzzzzz=hunter2"))).message).toMatch(/: region, retries, pathStyle\.$/)
    expect((await failureOf(() => parse("constructor=x"))).code).toBe("invalid-option")
    expect((await failureOf(() => parse("__proto__=x"))).code).toBe("invalid-option")
  })
})
