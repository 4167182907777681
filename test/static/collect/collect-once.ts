// Collects as a deploy script does: what goes wrong ends the process. Prints what was done, as JSON.
import { text } from "node:stream/consumers"
import { intercept, StorageError } from "@node-storages/core"
import { LocalStorage } from "@node-storages/local"
import { collect, defineStatic, type StaticOptions } from "@node-storages/static"

export interface CollectTask {
  readonly source: string | readonly string[]
  readonly target: string
  readonly options?: Pick<StaticOptions, "compress" | "concurrency" | "plain">
  /** The first file, counted from 1, that the storage refuses. */
  readonly failingPut?: number
  /** Says "ready" when it is, and begins when its input ends. Default: false. */
  readonly waits?: boolean
}

export interface CollectSummary {
  readonly files: number
  readonly written: number
  /** The most memory that the process had, in bytes. */
  readonly memory: number
}

const { source, target, options, failingPut, waits = false } = JSON.parse(process.argv[2]!) as CollectTask
if (waits) {
  console.log("ready")
  await text(process.stdin)
}
let puts = 0
const refusing = intercept((call) => {
  if (call.member === "put" && ++puts === failingPut) throw new StorageError("unavailable", "The service is gone.")
  return call.run(call.signal)
})
const storage = new LocalStorage(target).with(refusing)
const sources = typeof source === "string" ? [source] : source
const report = await collect(defineStatic({ storage, sources, compress: ["gzip"], cacheFolder: false, ...options }))
const summary: CollectSummary = {
  files: report.files,
  written: report.published.written,
  memory: process.resourceUsage().maxRSS * 1024,
}
console.log(JSON.stringify(summary))
