import { mkdir, writeFile } from "node:fs/promises"
import { dirname, isAbsolute, join, normalize } from "node:path"
import { fileURLToPath } from "node:url"
import type { ConformanceOptions } from "@node-storages/conformance"
import * as runner from "vitest"
import { LocalStorage, type LocalStorageOptions } from "../src/index.ts"
import { temporaryRoot } from "./root.ts"

/**
 * What the conformance suite asks for, on folders.
 * @param own the options of all storages
 * @param first more of them, for those that a test does not give options to
 */
export function localOptions(own: LocalStorageOptions = {}, first: LocalStorageOptions = {}): ConformanceOptions {
  return {
    runner,
    create: async () => new LocalStorage(await temporaryRoot(), { ...own, ...first }),
    createWith: async (added) => new LocalStorage(await temporaryRoot(), { ...own, ...added }),
    // In milliseconds. No assertion: a busy disk may take long.
    timeout: 600_000,
    urls: { notServed: "a folder is served by a web server, or by the http package" },
    foreignKeys: async (storage) => ({
      async put(key, bytes) {
        if (normalize(key) !== key || isAbsolute(key) || key.endsWith("/")) throw new Error("not a path below the root")
        const path = join(fileURLToPath((storage as LocalStorage).driver.target), key)
        await mkdir(dirname(path), { recursive: true })
        await writeFile(path, bytes)
      },
    }),
  }
}
