import { FileStorage } from "@flystorage/file-storage"
import { Files } from "files-sdk"
import { Disk } from "flydrive"
import { describe, expect, it } from "vitest"
import { codeIn, read, rowsOf, unknownIn } from "../docs/comparison-tables.ts"

/** The methods and accessors of a class that people call. */
function publicMembers(one: { readonly prototype: object }, hidden: readonly string[] = []): string[] {
  return Object.getOwnPropertyNames(one.prototype).filter((name) => name !== "constructor" && !hidden.includes(name))
}

const GUIDES = [
  { path: "docs/migrate/flydrive.md", members: publicMembers(Disk) },
  // What a plugin asks of the instance.
  { path: "docs/migrate/files-sdk.md", members: publicMembers(Files, ["adapter", "prefix", "defaults"]) },
  // Private in its types.
  { path: "docs/migrate/flystorage.md", members: publicMembers(FileStorage, ["calculateChecksum"]) },
  { path: "docs/migrate/multer-s3.md", members: [] },
]

describe.each(GUIDES)("$path", ({ path, members }) => {
  const rows = rowsOf(read(path))

  it("has each method of the class that people come from", () => {
    const named = rows
      .filter(({ heading }) => heading === "Method by method")
      .flatMap(({ theirs }) => codeIn(theirs))
      .map((code) => /^(?:files\.)?(\w+)/.exec(code)?.[1])
    expect(named).toEqual(expect.arrayContaining(members))
  })

  it.each(rows.map(({ theirs, ours }) => [theirs, ours]))("names for %s what there is", (_, ours) => {
    expect(unknownIn(ours)).toEqual([])
  })
})
