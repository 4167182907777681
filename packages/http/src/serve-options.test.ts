import { MemoryStorage } from "@node-storages/memory"
import { describe, expect, it } from "vitest"
import { nodeHandler, serveStorage, type ServeOptions } from "./index.ts"
import { settingsOf } from "./serve-options.ts"

const storage = new MemoryStorage()
const settings = (options: ServeOptions = {}) => settingsOf(storage, options, "serveStorage()")

describe("options of a handler", () => {
  it.each([
    [{ prefx: "/" }, '"prefix"'],
    [{ prefix: "media" }, '"media"'],
    [{ prefix: 7 }, "prefix"],
    [{ index: "" }, "index"],
    [{ index: "a/b" }, "a/b"],
    [{ precompressed: ["br", "deflate"] }, "deflate"],
    [{ allowOrigins: ["https://a.example/"] }, "origin"],
    [{ allowOrigins: ["a.example"] }, "a.example"],
    [{ cacheControl: "a\r\nb" }, "cacheControl"],
    [{ cacheControl: { "*.css": "" } }, "*.css"],
    [{ cacheControl: 60 }, "cacheControl"],
    [{ delivery: "pipe" }, "pipe"],
    [{ delivery: { accelRedirect: "internal" } }, "internal"],
    [{ delivery: { accelRedirect: "/a", sendfile: "/b" } }, "delivery"],
    [{ delivery: {} }, "delivery"],
    [{ delivery: null }, "delivery"],
    [{ cache: { maxBytes: -1 } }, "maxBytes"],
    [{ cache: { maxFileBytes: 1.5 } }, "maxFileBytes"],
    [{ cache: { freshFor: "soon" } }, "freshFor"],
    [{ cache: { size: 1 } }, "size"],
  ])("%j is refused, with what is wrong", (options, told) => {
    const refused = { name: "StorageError", code: "invalid-option", message: expect.stringContaining(told) }
    expect(() => serveStorage(storage, options as never)).toThrow(expect.objectContaining(refused))
    expect(() => nodeHandler(storage, options as never)).toThrow(expect.objectContaining(refused))
  })

  it("a redirect is refused where it would lead back to the handler", () => {
    const signing = new MemoryStorage({ baseUrl: "/", signingKeys: ["0123456789abcdef0123456789abcdef"] })
    expect(() => nodeHandler(signing, { delivery: "redirect" })).toThrow("lead back")
  })

  it("have their defaults", () => {
    expect(settings()).toMatchObject({ prefix: "/", encodings: [], dotfiles: false, trusted: false, delivery: "proxy" })
    expect([settings().cache, settings().isImmutable("a.0123456789ab.css")]).toEqual([undefined, false])
    expect(settings({ cache: true }).cache).toEqual({ maxBytes: 67_108_864, maxFileBytes: 262_144, freshFor: 1000 })
    expect(settings({ cache: { freshFor: "2m" } }).cache).toMatchObject({ freshFor: 120_000 })
    expect(settings({ precompressed: true }).encodings).toEqual(["br", "zstd", "gzip"])
    expect(settings({ prefix: "/a" }).prefix).toBe("/a/")
  })
})
