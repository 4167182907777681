import { describe, expect, test } from "vitest"
import { checkOptions, nearest } from "./check-options.ts"
import { SAVE_OPTIONS } from "./option-names.ts"
import { codeOf, failureOf } from "./testing/failure.ts"

describe("nearest", () => {
  test.each([
    ["overwite", "overwrite"],
    ["contenttype", "contentType"],
    ["CacheControl", "cacheControl"],
    ["signl", "signal"],
    ["on_progress", "onProgress"],
  ])("of %j is %j", (name, expected) => {
    expect(nearest(name, Object.keys(SAVE_OPTIONS))).toBe(expected)
  })

  test("is nothing where no known name is near, or none is known", () => {
    expect(nearest("acl", ["contentType", "cacheControl"])).toBeUndefined()
    expect(nearest("storageClass", Object.keys(SAVE_OPTIONS))).toBeUndefined()
    expect(nearest("a", [])).toBeUndefined()
  })

  test("prefers the nearer of two", () => {
    expect(nearest("sizes", ["maxSize", "size"])).toBe("size")
  })
})

describe("checkOptions", () => {
  test("accepts known options, undefined ones too, and no options at all", () => {
    expect(codeOf(() => checkOptions("save()", { overwrite: true, signal: undefined }, SAVE_OPTIONS))).toBeUndefined()
    expect(codeOf(() => checkOptions("save()", {}, SAVE_OPTIONS))).toBeUndefined()
    expect(codeOf(() => checkOptions("save()", undefined, SAVE_OPTIONS))).toBeUndefined()
  })

  test("names the nearest known option for an unknown one", async () => {
    const failure = await failureOf(() => checkOptions("save()", { overwite: true }, SAVE_OPTIONS))
    expect(failure.code).toBe("invalid-option")
    expect(failure.message).toBe('save() has no option "overwite". Did you mean "overwrite"?')
  })

  test("lists the options where none is near", async () => {
    const failure = await failureOf(() => checkOptions("retry()", { zzzzzzzz: 1 }, { attempts: true, delay: true }))
    expect(failure.message).toContain("attempts, delay")
  })

  test.each(["constructor", "toString", "hasOwnProperty"])("is not fooled by %j", (name) => {
    expect(codeOf(() => checkOptions("save()", { [name]: 1 }, SAVE_OPTIONS))).toBe("invalid-option")
  })

  test.each([null, "x", 1, () => {}])("refuses %o in place of options", (options) => {
    expect(codeOf(() => checkOptions("save()", options as never, SAVE_OPTIONS))).toBe("invalid-option")
  })
})
