import { StorageError } from "@node-storages/core"
import { describe, expect, test } from "vitest"
import { makeUploadId, readUploadId } from "./upload-id.ts"

const HEADERS = {
  contentType: "video/mp4",
  cacheControl: "no-store",
  contentDisposition: "inline",
  metadata: { owner: "ä / 日本" },
}

describe("an upload's id", () => {
  test("carries the headers that the file will have", () => {
    const id = makeUploadId(HEADERS)
    expect(id).toMatch(/^[\x21-\x7e]+$/)
    expect(readUploadId(id)!.headers).toEqual(HEADERS)
    expect(readUploadId(makeUploadId({ contentType: "a/b" }))!.headers).toEqual({ contentType: "a/b" })
  })

  test("is another one each time, and so are the names of its blocks, which all have one length", () => {
    const [first, second] = [readUploadId(makeUploadId(HEADERS))!, readUploadId(makeUploadId(HEADERS))!]
    expect(first.blockId(1)).not.toBe(second.blockId(1))
    const ids = [0, 1, 9, 10, 50_000].map((number) => first.blockId(number))
    expect(ids.map((id) => Buffer.from(id, "base64").length)).toEqual([48, 48, 48, 48, 48])
    expect(ids.map((id) => first.numberOf(id))).toEqual([0, 1, 9, 10, 50_000])
    expect(ids.map((id) => second.numberOf(id))).toEqual(ids.map(() => undefined))
    for (const foreign of ["", "AAAA", Buffer.from("x".repeat(48)).toString("base64")]) {
      expect(first.numberOf(foreign)).toBeUndefined()
    }
  })

  test("with other headers is another upload's", () => {
    const id = makeUploadId(HEADERS)
    const [nonce] = id.split(".")
    const forged = `${nonce}.${Buffer.from(JSON.stringify({ contentType: "text/html" })).toString("base64url")}`
    expect(readUploadId(forged)!.blockId(1)).not.toBe(readUploadId(id)!.blockId(1))
  })

  test.each([
    "",
    "nobody",
    "..",
    "../../a.bin",
    "A".repeat(128),
    `${"A".repeat(22)}.`,
    `${"A".repeat(22)}.e30`,
    `${"A".repeat(22)}.bm8ganNvbg`,
    `${"A".repeat(22)}.bnVsbA`,
    `${"A".repeat(22)}.${Buffer.from('{"contentType":1}').toString("base64url")}`,
    `${"A".repeat(22)}.${Buffer.from('{"contentType":"a/b","metadata":{"a":1}}').toString("base64url")}`,
    `${"A".repeat(22)}.${Buffer.from('{"contentType":"a/b","metadata":[]}').toString("base64url")}`,
    `${"A".repeat(22)}.${Buffer.from('{"contentType":"a/b","other":"x"}').toString("base64url")}`,
  ])("is none: %s", (id) => {
    expect(readUploadId(id)).toBeUndefined()
  })

  test("has room for so many headers, and no more", () => {
    const fits = makeUploadId({ contentType: "a/b", metadata: { note: "x".repeat(2900) } })
    expect(fits.length).toBeLessThanOrEqual(4096)
    const most = { contentType: "a/b", metadata: { note: "x".repeat(3000) } }
    expect(() => makeUploadId(most)).toThrow(expect.objectContaining({ code: "invalid-option" }) as StorageError)
    expect(() => makeUploadId(most)).toThrow(/3,000 bytes/)
  })
})
