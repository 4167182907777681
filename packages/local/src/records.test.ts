import { expect, test } from "vitest"
import * as fileSystem from "node:fs/promises"
import { join } from "node:path"
import { temporaryRoot } from "../test/root.ts"
import { Folder } from "./folder.ts"
import { Records } from "./records.ts"

test("a record's name is not given out again right after it was removed, by no instance of the process", async () => {
  const root = await temporaryRoot()
  const modes = { fileMode: undefined, directoryMode: undefined }
  const records = () => new Records(new Folder(root, fileSystem, modes, false), modes, false)
  const path = join(root, "a.txt")
  await fileSystem.writeFile(path, "x")
  await fileSystem.utimes(path, 1_700_000_000, 1_700_000_000)
  const version = await fileSystem.lstat(path)
  const first = records()
  expect(await first.claim("a.txt", path, version, { metadata: { n: "1" } })).toBeDefined()
  await first.remove("a.txt", version)
  expect(await first.read("a.txt", version, true)).toEqual({})
  // Another writer that replaced the same version may be about to remove this name once more.
  expect(await records().claim("a.txt", path, version, { metadata: { n: "2" } })).toBeUndefined()
})
