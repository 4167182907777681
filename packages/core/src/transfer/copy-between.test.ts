import { createHash } from "node:crypto"
import { describe, expect, test } from "vitest"
import type { DriverObject } from "../driver.ts"
import { DriverStorage } from "../driver-storage.ts"
import type { StorageErrorCode } from "../errors.ts"
import { prefix } from "../layers/prefix.ts"
import { readOnly } from "../layers/read-only.ts"
import { retry } from "../layers/retry.ts"
import { failureOf } from "../testing/failure.ts"
import { ALL_FEATURES, FullMapDriver, MapDriver, MapError } from "../testing/map-driver.ts"
import { CopyBetween } from "./copy-between.ts"

const { signal } = new AbortController()
const HEADERS = { contentType: "text/x-a", cacheControl: "no-store", contentLanguage: "de", metadata: { user: "1" } }

function prepared(source: MapDriver, target: MapDriver) {
  for (const name of ["a", "b", "c"]) source.seed(name, `content of ${name}`, HEADERS)
  // Made late: a storage binds the members that its driver has by then.
  let made: CopyBetween | undefined
  const copies = {
    copy: (name: string) =>
      (made ??= new CopyBetween(new DriverStorage(source), new DriverStorage(target), signal)).copy(name),
  }
  const members = ({ calls }: MapDriver) => {
    return calls.map(({ member }) => member).filter((name) => name !== "errorCode" && name !== "retryAfter")
  }
  return { copies, members: () => [members(source), members(target)] }
}

/** Counts the bodies that were closed after they were begun. */
function closing(source: MapDriver, told: Partial<DriverObject> = {}): () => number {
  let closed = 0
  const get = source.get.bind(source)
  source.get = async (key, options) => {
    const object = (await get(key, options))!
    async function* chunks() {
      try {
        yield* object.chunks
      } finally {
        closed++
      }
    }
    return { ...object, ...told, chunks: chunks() }
  }
  return () => closed
}

describe("between storages of one service", () => {
  test("the service makes the copy: no byte passes through here", async () => {
    const [source, target] = [new FullMapDriver(), new FullMapDriver()]
    const { copies, members } = prepared(source, target)
    await copies.copy("a")
    expect(target.files.get("a")!.info).toMatchObject({ size: 12, ...HEADERS })
    expect(members()).toEqual([[], ["copyFrom"]])
  })

  test("a prefix or a location at either end is part of the keys, and only of its own end's", async () => {
    const [source, target] = [new FullMapDriver(), new FullMapDriver()]
    source.seed("up/in/a", "inside")
    source.seed("a", "outside")
    target.seed("a", "old")
    const from = new DriverStorage(source, { location: "up" }).with(prefix("in"))
    const to = new DriverStorage(target, { location: "down" }).with(prefix("out"))
    await new CopyBetween(from, to, signal).copy("a")
    expect([...target.files.keys()].toSorted()).toEqual(["a", "down/out/a"])
    expect([target.text("down/out/a"), target.text("a")]).toEqual(["inside", "old"])
  })

  test.each<StorageErrorCode>([
    "permission-denied",
    "unauthenticated",
    "unsupported",
    "bucket-not-found",
    "wrong-region",
  ])("that refuses with %s is not asked again: this file and the others are streamed", async (code) => {
    const [source, target] = [new FullMapDriver(), new FullMapDriver()]
    target.fail = (member) => (member === "copyFrom" ? new MapError(code) : undefined)
    const { copies, members } = prepared(source, target)
    await copies.copy("a")
    await copies.copy("b")
    expect([target.text("a"), target.text("b")]).toEqual(["content of a", "content of b"])
    expect(members()[1]).toEqual(["copyFrom", "put", "put"])
  })

  test.each<StorageErrorCode>(["unavailable", "network", "no-space", "conflict"])(
    "a failure with %s is that file's, and the next one is copied by the service",
    async (code) => {
      const [source, target] = [new FullMapDriver(), new FullMapDriver()]
      target.fail = (_, key) => (key === "a" ? new MapError(code) : undefined)
      const { copies, members } = prepared(source, target)
      expect(await failureOf(copies.copy("a"))).toMatchObject({ code, operation: "copy", key: "a" })
      await copies.copy("b")
      expect(members()[1]).toEqual(["copyFrom", "copyFrom"])
    },
  )

  test("a source that the service does not find is looked for by the source itself", async () => {
    const [source, target] = [new FullMapDriver(), new FullMapDriver()]
    expect(await failureOf(prepared(source, target).copies.copy("missing"))).toMatchObject({
      code: "not-found",
      key: "missing",
    })
    target.copyFrom = async () => undefined
    await prepared(source, target).copies.copy("a")
    expect(target.text("a")).toBe("content of a")
  })

  test("a target that is read-only refuses, and a name that it can't hold is refused before any request", async () => {
    const [source, target] = [new FullMapDriver(), new FullMapDriver()]
    source.seed("a", "x")
    const from = new DriverStorage(source).with(readOnly())
    const closed = new DriverStorage(target).with(readOnly())
    expect((await failureOf(new CopyBetween(from, closed, signal).copy("a"))).code).toBe("read-only")
    target.limits = { keyBytes: 3 }
    const copies = new CopyBetween(from, new DriverStorage(target), signal)
    expect((await failureOf(copies.copy("long"))).code).toBe("invalid-name")
    expect(target.calls).toEqual([])
    await copies.copy("a")
    expect(target.count("copyFrom")).toBe(1)
  })
})

describe("the bytes are streamed", () => {
  test.each<[string, MapDriver, MapDriver]>([
    ["where neither end can copy from the other", new MapDriver(), new MapDriver()],
    ["where only the target can", new MapDriver(), new FullMapDriver()],
    ["where the target can't", new FullMapDriver(), Object.assign(new FullMapDriver(), { copyFrom: undefined })],
    [
      "where the services are two",
      new FullMapDriver(),
      Object.assign(new FullMapDriver(), { place: (key: string) => ({ service: "other", bucket: "b", key }) }),
    ],
    [
      "where the source can't tell its place",
      Object.assign(new FullMapDriver(), { place: () => undefined }),
      new FullMapDriver(),
    ],
  ])("%s: in one request for headers and bytes, and one to store", async (_, source, target) => {
    const { copies, members } = prepared(source, target)
    await copies.copy("a")
    expect(target.files.get("a")!.info).toMatchObject({ size: 12, ...HEADERS })
    expect(target.text("a")).toBe("content of a")
    expect(members()).toEqual([["get"], ["put"]])
  })

  test("and what a read does not tell is asked for as well", async () => {
    const [source, target] = [new MapDriver(), new MapDriver()]
    const { copies, members } = prepared(source, target)
    const get = source.get.bind(source)
    source.get = async (key, options) => {
      const object = (await get(key, options))!
      return { ...object, info: { ...object.info, metadata: undefined }, partialInfo: true }
    }
    await copies.copy("a")
    expect(target.files.get("a")!.info).toMatchObject(HEADERS)
    expect(members()).toEqual([["get", "head"], ["put"]])
  })

  test("of one version: one that is replaced in between is a conflict, and its body is closed", async () => {
    const [source, target] = [new MapDriver(), new MapDriver()]
    const { copies } = prepared(source, target)
    const closed = closing(source, { partialInfo: true })
    source.fail = (member) => void (member === "head" && source.seed("a", "another one"))
    expect(await failureOf(copies.copy("a"))).toMatchObject({ code: "conflict", operation: "copy", key: "a" })
    expect([closed(), target.files.size]).toEqual([1, 0])
  })

  test("and the body is closed where the target refuses the file before it is read", async () => {
    const [source, target] = [new MapDriver(), new MapDriver()]
    const { copies } = prepared(source, target)
    const closed = closing(source)
    target.features = { ...ALL_FEATURES, metadata: false }
    expect((await failureOf(copies.copy("a"))).code).toBe("unsupported")
    expect([closed(), source.count("get")]).toEqual([1, 1])
  })

  test("again where the target has to repeat its put, and never in another version", async () => {
    for (const replaced of [false, true]) {
      const [source, target] = [new MapDriver(), new MapDriver()]
      source.seed("a", "content of a")
      let puts = 0
      const put = target.put.bind(target)
      target.put = async (key, body, options) => {
        if (++puts > 1) return put(key, body, options)
        for await (const _ of body.stream()) break
        if (replaced) source.seed("a", "another one, longer")
        throw new MapError("unavailable")
      }
      const to = new DriverStorage(target).with(retry({ delay: 0 }))
      const copied = new CopyBetween(new DriverStorage(source), to, signal).copy("a")
      if (replaced) expect((await failureOf(copied)).code).toBe("conflict")
      else await copied
      expect([target.text("a"), source.count("get")]).toEqual([replaced ? undefined : "content of a", 2])
    }
  })

  test("and compared with the digest that the source tells", async () => {
    const [source, target] = [new MapDriver(), new MapDriver()]
    const md5 = createHash("md5").update("content of a").digest("hex")
    const { copies } = prepared(source, target)
    source.seed("a", "content of a", { checksum: { md5 } })
    source.seed("b", "spoilt on way", { checksum: { md5 } })
    await copies.copy("a")
    expect((await failureOf(copies.copy("b"))).code).toBe("checksum-mismatch")
    expect([...target.files.keys()]).toEqual(["a"])
  })

  test("and stored as they are read, where the source decodes them: without the encoding that it takes off", async () => {
    const [source, target] = [new MapDriver(), new MapDriver()]
    const { copies } = prepared(source, target)
    const get = source.get.bind(source)
    source.get = async (key, options) => {
      const object = (await get(key, options))!
      const checksum = { md5: createHash("md5").update("the compressed bytes").digest("hex") }
      return { ...object, info: { ...object.info, size: 3, contentEncoding: "gzip", decoded: true, checksum } }
    }
    await copies.copy("a")
    expect(target.text("a")).toBe("content of a")
    expect(target.files.get("a")!.info.contentEncoding).toBeUndefined()
    expect(target.files.get("a")!.info).toMatchObject(HEADERS)
  })
})
