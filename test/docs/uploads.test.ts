import { readFileSync } from "node:fs"
import { join } from "node:path"
import { MemoryStorage } from "@node-storages/memory"
import { receiveForm, UploadError, type UploadErrorCode } from "@node-storages/uploads"
import { describe, expect, it } from "vitest"
import { ROOT } from "./markdown.ts"

const text = readFileSync(join(ROOT, "docs/uploads.md"), "utf8")

/** The options that a call knows: it lists them when it meets one that resembles none. */
async function optionsOf(options: object): Promise<string[]> {
  const request = new Request("http://localhost/", { method: "POST" })
  const error: unknown = await receiveForm(request, options as { storage: MemoryStorage }).catch(
    (reason: unknown) => reason,
  )
  return /The options are: (.*)\.$/.exec((error as Error).message)![1]!.split(", ")
}

/** The first cells of the rows between two texts. */
function rows(from: string, to: string): string[] {
  const start = text.indexOf(from)
  const section = text.slice(start, text.indexOf(to, start))
  return [...section.matchAll(/^\| `([\w-]+)` +\|/gm)].map((match) => match[1]!)
}

describe("docs/uploads.md", () => {
  const storage = new MemoryStorage()
  const unknown = { ["x".repeat(40)]: true }

  it("names the options of receiveForm, and its limits, each once", async () => {
    expect(rows("## Options", "Functions get").toSorted()).toEqual(
      (await optionsOf({ storage, ...unknown })).toSorted(),
    )
    expect(rows("| Limit ", "## Types").toSorted()).toEqual((await optionsOf({ storage, limits: unknown })).toSorted())
  })

  it("tells each error's status as the code does", () => {
    const errors = text.slice(text.indexOf("## Errors"))
    const documented = [...errors.matchAll(/^\| `([a-z-]+)` +\| (\d{3}) /gm)]
    expect(documented.length).toBeGreaterThanOrEqual(13)
    for (const [, code, status] of documented) {
      expect({ code, status: new UploadError(code as UploadErrorCode, "").status }).toEqual({
        code,
        status: Number(status),
      })
    }
  })
})
