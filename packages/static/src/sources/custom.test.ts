import { describe, expect, test } from "vitest"
import { StorageError } from "@node-storages/core"
import { type MadeFile, source } from "./custom.ts"
import { filesOf, namesOf, textOf } from "./testing/tree.ts"

describe("a source of a function", () => {
  test("takes strings, bytes and functions as content", async () => {
    const made = source("icons", async function* () {
      yield { name: "a", content: "ä" }
      yield { name: "b", content: new TextEncoder().encode("b") }
      yield { name: "c", content: () => Promise.resolve(new TextEncoder().encode("c")) }
    })
    expect(await Promise.all((await filesOf(made)).map(textOf))).toEqual(["ä", "b", "c"])
    expect((await filesOf(made))[0]!.origin).toBe("a of icons")
  })

  test("passes hashed and aliases on", async () => {
    const made = source("x", () => [{ name: "a-1.js", content: "", hashed: true, aliases: ["a.js"] }])
    expect(await filesOf(made)).toMatchObject([{ hashed: true, aliases: ["a.js"] }])
    expect(await made.find("a.js")).toMatchObject({ name: "a-1.js" })
  })

  test("runs its function anew each time, and makes content only when it is read", async () => {
    let runs = 0
    let contents = 0
    const made = source("x", function* () {
      runs++
      yield { name: "a", content: async () => `${++contents}` }
    })
    await namesOf(made)
    const file = await made.find("a")
    expect([runs, contents]).toEqual([2, 0])
    expect(await textOf(file)).toBe("1")
  })

  test("lets its generator clean up when no more is asked for", async () => {
    let cleaned = false
    const made = source("x", function* () {
      try {
        yield { name: "a", content: "" }
        yield { name: "b", content: "" }
      } finally {
        cleaned = true
      }
    })
    await made.find("a")
    expect(cleaned).toBe(true)
    expect(await made.find("c")).toBeUndefined()
    await expect(made.find("../c")).rejects.toMatchObject({ code: "invalid-name" })
  })
})

describe("what goes wrong in the function is told with the source's description", () => {
  test("a throw, at once or later", async () => {
    const cause = new Error("no network")
    const throwing = source("icons", () => {
      throw cause
    })
    const later = source("icons", async function* () {
      yield { name: "a", content: "" }
      throw cause
    })
    for (const made of [throwing, later]) {
      const message = expect.stringMatching(/icons.*no network/)
      await expect(namesOf(made)).rejects.toMatchObject({ code: "unreadable-source", message, cause })
    }
  })

  test("a throw of content", async () => {
    const made = source("icons", () => [{ name: "a", content: () => Promise.reject(new Error("boom")) }])
    const message = expect.stringContaining("boom")
    await expect((await filesOf(made))[0]!.read()).rejects.toMatchObject({
      code: "unreadable-file",
      file: "a",
      message,
    })
  })

  test("but what a storage throws passes as it is", async () => {
    const error = new StorageError("not-found", "x")
    const made = source("icons", () => [{ name: "a", content: () => Promise.reject(error) }])
    await expect((await filesOf(made))[0]!.read()).rejects.toBe(error)
  })

  test.each([
    [{ name: "../a", content: "" }, "invalid-name"],
    [{ name: 7, content: "" }, "invalid-name"],
    [{ name: "a", content: "", aliases: ["/b"] }, "invalid-name"],
    [{ name: "a", content: 7 }, "invalid-option"],
    [{ name: "a" }, "invalid-option"],
    [null, "invalid-option"],
  ])("a wrong file: %j", async (file, code) => {
    const made = source("icons", () => [file as MadeFile])
    await expect(namesOf(made)).rejects.toMatchObject({ code, message: expect.stringContaining("icons") })
  })

  test("nothing to iterate over", async () => {
    await expect(namesOf(source("icons", () => undefined as never))).rejects.toMatchObject({ code: "invalid-option" })
  })

  test("no function or no description", () => {
    expect(() => source("x", [] as never)).toThrow(expect.objectContaining({ code: "invalid-option" }))
    expect(() => source("", () => [])).toThrow(expect.objectContaining({ code: "invalid-option" }))
  })
})
