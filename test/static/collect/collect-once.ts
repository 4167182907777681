// Collects a folder into another one, as a deploy does.
import { LocalStorage } from "@node-storages/local"
import { collect, defineStatic } from "@node-storages/static"

const { source, target } = JSON.parse(process.argv[2]!) as { source: string; target: string }
const { published } = await collect(
  defineStatic({ storage: new LocalStorage(target), sources: [source], compress: ["gzip"], cacheFolder: false }),
)
console.log(JSON.stringify({ written: published.written }))
