import { StorageError } from "@node-storages/core"
import { describe, expect, it } from "vitest"
import { source } from "../sources/index.ts"
import { sourceStorage } from "./source-storage.ts"

const contents: Record<string, string> = { "css/app.css": "a{}", "js/app.js": "export {}", "js/b.psd": "layers" }
const app = source("made", () => Object.entries(contents).map(([name, content]) => ({ name, content })))
const vendor = source("vendor", () => [
  { name: "css/app.css", content: "shadowed" },
  { name: "z.txt", content: "z" },
])
const storage = sourceStorage({ sources: [app, vendor], ignore: ["*.psd"] })

async function namesOf(directory?: string): Promise<string[]> {
  const names: string[] = []
  for await (const { name } of storage.list(directory)) names.push(name)
  return names
}

describe("sourceStorage", () => {
  it("gives the file of the first source that has it", async () => {
    expect(await storage.open("css/app.css").text()).toBe("a{}")
    expect(await storage.open("z.txt").text()).toBe("z")
    expect(await storage.open("css/app.css").slice(0, 1).text()).toBe("a")
    expect(await storage.stat("js/app.js")).toMatchObject({ size: 9, contentType: "text/javascript" })
  })

  it("has what collect would publish, and nothing else", async () => {
    expect(await namesOf()).toEqual(["css/app.css", "js/app.js", "z.txt"])
    expect(await namesOf("js")).toEqual(["js/app.js"])
    const { directories, files } = await storage.listdir()
    expect([directories, files.map(({ name }) => name)]).toEqual([["css", "js"], ["z.txt"]])
    expect(await storage.exists("js/b.psd")).toBe(false)
    expect(await storage.exists("nope.css")).toBe(false)
  })

  it("tells a version apart by its content, and keeps the time until it changes", async () => {
    const first = await storage.stat("js/app.js")
    expect(await storage.stat("js/app.js")).toEqual(first)
    contents["js/app.js"] = "export default 1"
    const second = await storage.stat("js/app.js")
    expect(second.etag).not.toBe(first.etag)
    expect(second.modified.getTime()).toBeGreaterThanOrEqual(first.modified.getTime())
  })

  it("can only be read", async () => {
    const isReadOnly = expect.toSatisfy((error) => StorageError.is(error, "read-only"))
    await expect(storage.write("a.css", "x")).rejects.toEqual(isReadOnly)
    await expect(storage.delete("css/app.css")).rejects.toEqual(isReadOnly)
  })
})
