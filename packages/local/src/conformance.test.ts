import { mkdir, writeFile } from "node:fs/promises"
import { dirname, isAbsolute, join, normalize } from "node:path"
import { fileURLToPath } from "node:url"
import { type ConformanceOptions, describeStorage } from "@node-storages/conformance"
import * as runner from "vitest"
import { temporaryRoot } from "../test/root.ts"
import { BlockingFileSystem } from "./blocking-file-system.ts"
import { LocalStorage, type LocalStorageOptions } from "./index.ts"

const notServed = "a folder is served by a web server, or by the http package"

function options(own: LocalStorageOptions): ConformanceOptions {
  return {
    runner,
    create: async () => new LocalStorage(await temporaryRoot(), own),
    createWith: async (added) => new LocalStorage(await temporaryRoot(), { ...own, ...added }),
    urls: { notServed },
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

describeStorage("LocalStorage", options({}))
describeStorage("LocalStorage where calls block, as for a command", {
  ...options({}),
  create: async () => new LocalStorage(await temporaryRoot(), { fileSystem: new BlockingFileSystem() }),
  createWith: async (added) =>
    new LocalStorage(await temporaryRoot(), { fileSystem: new BlockingFileSystem(), ...added }),
  scale: { list: 1100, deleteMany: 200, race: 16 },
})
const careful = { location: "some/where", fsync: true, pruneEmptyDirectories: true }
// What its signed URLs allow is held in test/http, where something serves them.
const signed = { signingKeys: ["a key of at least thirty-two characters"], baseUrl: "/files/" }
describeStorage("LocalStorage with a location, fsync, pruning and signing keys", {
  ...options(careful),
  create: async () => new LocalStorage(await temporaryRoot(), { ...careful, ...signed }),
  scale: { list: 1100, deleteMany: 200, race: 16 },
})
