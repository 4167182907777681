import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { expect, test } from "vitest"
import { temporaryRoot } from "../test/root.ts"
import { NODE_FILE_SYSTEM } from "./node-file-system.ts"

test("a file that is closed twice does not close another one that has its descriptor by then", async () => {
  const root = await temporaryRoot()
  for (const name of ["a", "b"]) await writeFile(join(root, name), name)
  const first = await NODE_FILE_SYSTEM.open(join(root, "a"), "r")
  await first.close()
  const second = await NODE_FILE_SYSTEM.open(join(root, "b"), "r")
  await first.close()
  const bytes = new Uint8Array(1)
  expect(await second.read(bytes, 0, 1, 0)).toEqual({ bytesRead: 1 })
  expect(String.fromCharCode(...bytes)).toBe("b")
  await expect(first.stat()).rejects.toThrow()
  await second.close()
})

test("what fails is rejected with the system's code", async () => {
  const missing = join(await temporaryRoot(), "missing")
  for (const call of [
    () => NODE_FILE_SYSTEM.open(missing, "r"),
    () => NODE_FILE_SYSTEM.lstat(missing),
    () => NODE_FILE_SYSTEM.readdir(missing, { withFileTypes: true }),
    () => NODE_FILE_SYSTEM.rename(missing, `${missing}.2`),
  ]) {
    await expect(call()).rejects.toMatchObject({ code: "ENOENT" })
  }
})
