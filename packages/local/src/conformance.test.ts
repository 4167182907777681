import { mkdir, writeFile } from "node:fs/promises"
import { dirname, isAbsolute, join, normalize } from "node:path"
import { fileURLToPath } from "node:url"
import { describeStorage } from "@node-storages/conformance"
import * as runner from "vitest"
import { temporaryRoot } from "../test/root.ts"
import { LocalStorage } from "./index.ts"

describeStorage("LocalStorage", {
  runner,
  create: async () => new LocalStorage(await temporaryRoot()),
  createWith: async (added) => new LocalStorage(await temporaryRoot(), added),
  // No assertion: a busy disk may take long.
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
})
