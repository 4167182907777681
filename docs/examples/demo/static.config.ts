import { fileURLToPath } from "node:url"
import type { Storage } from "@node-storages/core"
import { defineStatic, type StaticConfig } from "@node-storages/static"

const assets = fileURLToPath(new URL("assets", import.meta.url))
const bootstrap = fileURLToPath(new URL("dist", import.meta.resolve("bootstrap/package.json")))

/** The app's own assets, and what the npm package "bootstrap" ships for browsers, below "bootstrap/". */
export function staticFilesFor(storage: Storage): StaticConfig {
  return defineStatic({
    storage,
    sources: [
      assets,
      {
        folder: bootstrap,
        prefix: "bootstrap",
        ignore: ["*.rtl.*", "*-grid*", "*-reboot*", "*-utilities*", "*.esm.*"],
      },
    ],
  })
}
