import { join } from "node:path"
import { promisify } from "node:util"
import { brotliCompress, constants, gzip } from "node:zlib"
import { LocalStorage } from "@node-storages/local"
import { allowBlocking, pool } from "@node-storages/core/adapter"
import { collect, defineStatic } from "@node-storages/static"
import { type BenchRow, OURS } from "../harness/row.ts"
import { collectByHand, storeIn } from "../static/by-hand.ts"
import { type Collecting, type Collector, firstTime } from "../static/collecting.ts"
import { djangoProject } from "../static/django.ts"
import { type Folders, onDisk } from "../static/on-disk.ts"

const brotli = promisify(brotliCompress)
const deflate = promisify(gzip)

/** Types that are worth an attempt in this tree, from the size on at which ours tries. */
const COMPRESSIBLE = /\.(?:css|js|json)$/
const MINIMUM = 1024

/** A tenth of the files at least is compressed: 1,215 of 10,000 are texts. */
const local = (make: (folders: Folders) => Collecting["collect"]): Collector =>
  onDisk(make, (paths, sources) => paths.filter((path) => /\.(?:br|gz)$/.test(path)).length > sources / 10)

/** In libuv's threads, each content once, where the compressed bytes are less. */
async function compressAll(source: string, target: string): Promise<void> {
  const store = storeIn(target, true)
  const jobs = new Map<string, { readonly bytes: Uint8Array; readonly names: string[] }>()
  collectByHand(source, (name, bytes) => {
    store(name, bytes)
    if (!COMPRESSIBLE.test(name) || bytes.byteLength < MINIMUM) return
    const key = Buffer.from(bytes).toString("latin1")
    const known = jobs.get(key)
    if (known) known.names.push(name)
    else jobs.set(key, { bytes, names: [name] })
  })
  await pool(jobs.values(), 4, async ({ bytes, names }) => {
    const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT }
    const results = { ".br": await brotli(bytes, { params }), ".gz": await deflate(bytes, { level: 9 }) }
    for (const [ending, compressed] of Object.entries(results)) {
      if (compressed.byteLength < bytes.byteLength * 0.95) for (const name of names) store(name + ending, compressed)
    }
  })
}

/**
 * Brotli at quality 11 and gzip at 9, for the same files, without a cache. The floor gives all to libuv's threads and
 * waits. What tells whether both cores are busy is processor time over time. WhiteNoise makes the same by Django's
 * storage and a pool of threads; without the module Brotli, gzip alone.
 */
export const collectCompress: BenchRow = {
  title: "Collect 500 static files into a folder, compressed by brotli and gzip, first time",
  unit: "file",
  times: 500,
  rounds: 3,
  ratioOf: "wall",
  base: "floor",
  goals: [{ base: "floor", atMost: 1.3 }],
  subjects: {
    floor: firstTime(
      local(
        ({ source, target }) =>
          () =>
            compressAll(source, target),
      ),
    ),
    [OURS]: firstTime(
      local(({ source, target }) => {
        // As `storages collectstatic` does it.
        allowBlocking()
        return async () => {
          await collect(defineStatic({ storage: new LocalStorage(target), sources: [source], cacheFolder: false }))
        }
      }),
    ),
    "WhiteNoise, gzip": firstTime(
      local(({ source, target, folder }) => {
        const storage = "whitenoise.storage.CompressedManifestStaticFilesStorage"
        return djangoProject(join(folder, "django"), { modules: ["whitenoise"], storage, source, target })
      }),
    ),
  },
}
