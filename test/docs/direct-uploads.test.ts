import { readFileSync } from "node:fs"
import { join } from "node:path"
import { MemoryStorage } from "@node-storages/memory"
import { directUploads, type DirectUploadsOptions, UploadError, type UploadErrorCode } from "@node-storages/uploads"
import { describe, expect, it } from "vitest"
import { ROOT } from "./markdown.ts"

const read = (path: string) => readFileSync(join(ROOT, path), "utf8")

/** Codes and statuses of the table under the heading "Errors". */
function errorsOf(path: string): [code: string, status: number][] {
  const table = read(path).split("\n## Errors\n")[1] ?? ""
  return [...table.matchAll(/^\| `([a-z-]+)` +\| (\d{3}) /gm)].map(([, code, status]) => [code!, Number(status)])
}

describe("docs/direct-uploads.md", () => {
  it("tells each error's status as the code does", () => {
    const documented = errorsOf("docs/direct-uploads.md")
    expect(documented.length).toBeGreaterThan(8)
    for (const [code, status] of documented) {
      expect([code, new UploadError(code as UploadErrorCode, "").status]).toEqual([code, status])
    }
  })

  it("and docs/uploads.md have all errors between them", () => {
    const source = read("packages/uploads/src/upload-error.ts")
    const union = /export type UploadErrorCode =([^]*?)\n\n/.exec(source)![1]!
    const codes = [...union.matchAll(/\| "([^"]+)"/g)].map((match) => match[1]!)
    const documented = ["docs/uploads.md", "docs/direct-uploads.md"].flatMap((path) => errorsOf(path))
    expect(new Set(documented.map(([code]) => code))).toEqual(new Set(codes))
  })

  it("names the options of a policy, each once", () => {
    const section = /^## Policies$([^]*?)^## /m.exec(read("docs/direct-uploads.md"))![1]!
    const documented = [...section.matchAll(/^\| `(\w+)` +\|/gm)].map((match) => match[1]!)
    const options = { storage: new MemoryStorage(), keys: ["k".repeat(32)], policies: { a: { ["x".repeat(40)]: 1 } } }
    const tell = () => directUploads(options as unknown as DirectUploadsOptions)
    expect(tell).toThrow(/The options are: /)
    try {
      tell()
    } catch (error) {
      const known = /The options are: (.*)\.$/.exec((error as Error).message)![1]!.split(", ")
      expect(documented.toSorted()).toEqual(known.toSorted())
    }
    expect.assertions(2)
  })
})
