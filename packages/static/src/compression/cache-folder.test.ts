import { mkdir, mkdtemp, rm } from "node:fs/promises"
import { homedir, tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import { defaultCacheFolder } from "./cache-folder.ts"

let workingDirectory: string
beforeEach(async () => {
  workingDirectory = await mkdtemp(join(tmpdir(), "node-storages-folder-"))
})
afterEach(() => rm(workingDirectory, { recursive: true }))

test("the default is below node_modules where the working directory has one", async () => {
  await mkdir(join(workingDirectory, "node_modules"))
  expect(defaultCacheFolder({ workingDirectory })).toBe(
    join(workingDirectory, "node_modules", ".cache", "node-storages", "compression"),
  )
})

test.each([
  ["linux", {}, join(homedir(), ".cache")],
  ["linux", { XDG_CACHE_HOME: "/caches" }, "/caches"],
  ["linux", { XDG_CACHE_HOME: "" }, join(homedir(), ".cache")],
  ["darwin", { XDG_CACHE_HOME: "/caches" }, join(homedir(), "Library", "Caches")],
  ["win32", { LOCALAPPDATA: "/local" }, "/local"],
  ["win32", {}, join(homedir(), "AppData", "Local")],
] as const)("elsewhere it is the user's own on %s with %j", (platform, environment, expected) => {
  const folder = defaultCacheFolder({ workingDirectory, platform, environment })
  expect(folder).toBe(join(expected, "node-storages", "compression"))
})
