import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, isAbsolute, join, normalize } from "node:path"
import { fileURLToPath } from "node:url"
import type { ConformanceOptions } from "@node-storages/conformance"
import { LocalStorage, type LocalStorageOptions } from "@node-storages/local"
import * as runner from "vitest"
import { TIME_LIMIT } from "./runner.ts"

const made: string[] = []

async function temporaryRoot(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "node-storages-"))
  made.push(path)
  return path
}

runner.afterEach(async () => {
  for (const path of made.splice(0)) await rm(path, { recursive: true, force: true, maxRetries: 3 })
})

/**
 * What the suite asks for, on folders.
 * @param own the options of all storages
 * @param first more of them, for those that a test does not give options to
 */
export function localOptions(own: LocalStorageOptions = {}, first: LocalStorageOptions = {}): ConformanceOptions {
  return {
    runner,
    create: async () => new LocalStorage(await temporaryRoot(), { ...own, ...first }),
    createWith: async (added) => new LocalStorage(await temporaryRoot(), { ...own, ...added }),
    urls: { notServed: "a folder is served by a web server, or by the http package" },
    foreignKeys: async (storage) => ({
      async put(key, bytes) {
        if (normalize(key) !== key || isAbsolute(key) || key.endsWith("/")) throw new Error("not a path below the root")
        const path = join(fileURLToPath((storage as LocalStorage).driver.target), key)
        await mkdir(dirname(path), { recursive: true })
        await writeFile(path, bytes)
      },
    }),
    // The plain one has the large numbers.
    scale: { list: 300, deleteMany: 60, race: 16 },
    timeout: TIME_LIMIT,
  }
}
