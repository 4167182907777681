import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { afterEach, beforeEach, expect, test, vi } from "vitest"
import { CompressionCache } from "./cache.ts"
import { writeEntry } from "./cache-entry.ts"

/* Windows, where a file that is open can't be replaced. */
vi.mock("node:fs/promises", async (original) => ({
  ...(await original<typeof import("node:fs/promises")>()),
  rename: () => Promise.reject(Object.assign(new Error("operation not permitted"), { code: "EPERM" })),
}))

const KEY = "ab".repeat(32)
const BYTES = Buffer.from("compressed bytes")

let folder: string
let path: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "node-storages-rename-"))
  path = join(folder, KEY.slice(0, 2), KEY.slice(2))
  await mkdir(dirname(path))
})
afterEach(() => rm(folder, { recursive: true }))

test.each([
  ["is no failure while a good entry is there", writeEntry([BYTES]), 0],
  ["is told where the entry that is there is damaged", Buffer.from("garbage"), 1],
])("an entry that can't be replaced %s", async (_, present, count) => {
  await writeFile(path, present)
  const warnings: string[] = []
  const cache = new CompressionCache(folder, { onWarning: (message) => void warnings.push(message) })
  await cache.put(KEY, [BYTES])
  expect(warnings).toHaveLength(count)
  expect(await readdir(dirname(path))).toEqual([KEY.slice(2)])
})
