import { join } from "node:path"
import { describe, expect, test } from "vitest"
import { source } from "./custom.ts"
import { findStatic, findStaticAll } from "./find.ts"
import { folder } from "./folder.ts"
import { textOf, tree } from "./testing/tree.ts"

async function two() {
  const one = await tree({ "a.css": "one" })
  const other = await tree({ "a.css": "other", "b.css": "b", ".DS_Store": "x" })
  return { one, other, sources: [folder(one), folder(other)] }
}

describe("findStatic", () => {
  test("gives the file of the first source that has one", async () => {
    const { sources } = await two()
    expect(await textOf(await findStatic({ sources }, "a.css"))).toBe("one")
    expect(await textOf(await findStatic({ sources }, "b.css"))).toBe("b")
    expect(await findStatic({ sources }, "c.css")).toBeUndefined()
  })

  test("asks no source after the first that has one", async () => {
    const { one } = await two()
    const late = source("late", () => {
      throw new Error("asked")
    })
    expect(await findStatic({ sources: [folder(one), late] }, "a.css")).toBeDefined()
    await expect(findStaticAll({ sources: [folder(one), late] }, "a.css")).rejects.toThrow("asked")
  })

  test("finds nothing that is ignored", async () => {
    const { sources } = await two()
    expect(await findStatic({ sources }, ".DS_Store")).toBeUndefined()
    expect(await findStatic({ sources, ignore: [] }, ".DS_Store")).toBeDefined()
    expect(await findStatic({ sources, ignore: ["a.*"] }, "a.css")).toBeUndefined()
  })

  test.each(["/a.css", "../a.css", "x/../a.css", "", "a\\b.css", "a.css/"])(
    "refuses %j, as production does",
    async (name) => {
      const { sources } = await two()
      await expect(findStatic({ sources }, name)).rejects.toMatchObject({ code: "invalid-name", file: name })
      await expect(findStatic({ sources: [] }, name)).rejects.toMatchObject({ code: "invalid-name" })
    },
  )
})

test("findStaticAll gives the files of all sources in their order", async () => {
  const { sources, one, other } = await two()
  const origins = (await findStaticAll({ sources }, "a.css")).map(({ origin }) => origin)
  expect(origins).toEqual([join(one, "a.css"), join(other, "a.css")])
  expect(await findStaticAll({ sources }, "c.css")).toEqual([])
})
