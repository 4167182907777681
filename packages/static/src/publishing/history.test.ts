import { describe, expect, it } from "vitest"
import { recordName, replacedAt } from "./history.ts"

describe("the name of a record", () => {
  const replaced = new Date(Date.UTC(2026, 10, 21, 10, 54, 46, 123))

  it("tells when the manifest was replaced, without characters that disks refuse", () => {
    const name = recordName("staticfiles.json", "text", replaced)
    expect(name).toBe(".staticfiles/staticfiles.json/20261121T105446123Z-982d9e3eb996.json")
    expect(replacedAt("staticfiles.json", name)).toEqual(replaced)
  })

  it("is another one for another text of the same time", () => {
    expect(recordName("m", "one", replaced)).not.toBe(recordName("m", "other", replaced))
  })

  it.each([
    "staticfiles.json",
    ".staticfiles/other.json/20261121T105446123Z-982d9e3eb996.json",
    ".staticfiles/staticfiles.json/20261121T105446123Z-982d9e3eb996.json.br",
    ".staticfiles/staticfiles.json/note.txt",
    ".staticfiles/staticfiles.json/x/20261121T105446123Z-982d9e3eb996.json",
    "a/.staticfiles/staticfiles.json/20261121T105446123Z-982d9e3eb996.json",
  ])("is not %s", (name) => {
    expect(replacedAt("staticfiles.json", name)).toBeUndefined()
  })
})
