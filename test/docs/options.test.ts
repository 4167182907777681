import { readFileSync } from "node:fs"
import { join } from "node:path"
import { AzureStorage } from "@node-storages/azure"
import { GCSStorage } from "@node-storages/gcs"
import { serveStorage } from "@node-storages/http"
import { LocalStorage } from "@node-storages/local"
import { MemoryStorage } from "@node-storages/memory"
import { S3Storage } from "@node-storages/s3"
import { defineStatic, type StaticOptions } from "@node-storages/static"
import { directUploads, type DirectUploadsOptions } from "@node-storages/uploads"
import { SftpStorage, type SftpStorageOptions } from "storages-sftp"
import { describe, expect, it } from "vitest"
import { ROOT } from "./markdown.ts"

const NO_OPTION = "x".repeat(40)

/** The options that a constructor knows: it lists them when it meets one that resembles none. */
function optionsOf(construct: (options: object) => unknown): string[] {
  try {
    construct({ [NO_OPTION]: true })
  } catch (error) {
    const list = /The options are: (.*)\.$/.exec((error as Error).message)?.[1]
    if (list) return list.split(", ")
  }
  throw new Error("The constructor did not tell its options.")
}

const ADAPTERS: readonly [path: string, construct: (options: object) => unknown][] = [
  ["docs/adapters/s3.md", (options) => new S3Storage("bucket", options)],
  ["docs/adapters/azure.md", (options) => new AzureStorage("container", options)],
  ["docs/adapters/gcs.md", (options) => new GCSStorage("bucket", options)],
  ["docs/static.md", (options) => defineStatic(options as StaticOptions)],
  ["docs/direct-uploads.md", (options) => directUploads(options as DirectUploadsOptions)],
  ["docs/serving.md", (options) => serveStorage(new MemoryStorage(), options)],
  ["docs/adapters/local.md", (options) => new LocalStorage("folder", options)],
  ["docs/adapters/memory.md", (options) => new MemoryStorage(options)],
  ["docs/examples/adapter-plugin/README.md", (options) => new SftpStorage("/", options as SftpStorageOptions)],
]

describe("the table of options", () => {
  it.each(ADAPTERS)("in %s names those of the code, each once", (path, construct) => {
    const text = readFileSync(join(ROOT, path), "utf8")
    const section = /^## Options$([^]*?)^## /m.exec(text)?.[1] ?? ""
    const documented = [...section.matchAll(/^\| `(\w+)` +\|/gm)].map((match) => match[1]!)
    expect(documented.toSorted()).toEqual(optionsOf(construct).toSorted())
  })
})
