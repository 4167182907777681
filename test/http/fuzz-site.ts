import { brotliCompressSync, gzipSync } from "node:zlib"
import type { Storage } from "@node-storages/core"
import type { ServeOptions } from "@node-storages/http"
import { MemoryStorage } from "@node-storages/memory"
import { sampleBytes } from "../sample-bytes.ts"
import type { KnownFiles } from "./header-sets.ts"
import type { Representation, Site } from "./oracle.ts"

/** What the fuzzed requests are about. */
export interface FuzzSite {
  readonly storage: Storage
  readonly options: Omit<ServeOptions<object>, "onError">
  readonly site: Site
  readonly known: KnownFiles
}

/** A text with siblings, bytes without, and an empty file. */
export async function fuzzSite(): Promise<FuzzSite> {
  const storage = new MemoryStorage()
  const text = Buffer.from("a { b: c }\n".repeat(40))
  const files: readonly (readonly [path: string, coding: string | undefined, name: string, bytes: Buffer])[] = [
    ["/app.css", undefined, "app.css", text],
    ["/app.css", "br", "app.css.br", brotliCompressSync(text)],
    ["/app.css", "gzip", "app.css.gz", gzipSync(text)],
    ["/photo.png", undefined, "photo.png", Buffer.from(sampleBytes(300))],
    ["/empty.txt", undefined, "empty.txt", Buffer.alloc(0)],
  ]
  const site = new Map<string, Representation[]>()
  const etags: string[] = []
  let newest = 0
  for (const [path, coding, name, bytes] of files) {
    const info = await storage.write(name, bytes)
    const modified = Math.floor(info.modified.getTime() / 1000) * 1000
    site.set(path, [...(site.get(path) ?? []), { coding, bytes, etag: info.etag!, modified }])
    etags.push(info.etag!)
    newest = Math.max(newest, modified)
  }
  return {
    storage,
    options: { precompressed: true, allowOrigins: ["https://a.example"] },
    site,
    known: { paths: [...site.keys()], etags, modified: newest, size: text.length },
  }
}
