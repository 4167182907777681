import { fileURLToPath } from "node:url"
import type { Storage } from "@node-storages/core"
import { defineStatic, source, type StaticConfig } from "@node-storages/static"
import { rolldown } from "rolldown"

const pathOf = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** The page's script with the browser half of the uploads, in one file. */
const script = source("the bundle of scripts/page.js", async function* () {
  const bundle = await rolldown({
    input: pathOf("scripts/page.js"),
    resolve: { conditionNames: ["node-storages-source", "browser", "import"] },
  })
  const { output } = await bundle.generate({ format: "esm", minify: true })
  yield { name: "js/page.js", content: output[0].code }
})

export function staticFilesFor(storage: Storage): StaticConfig {
  return defineStatic({ storage, sources: [pathOf("assets"), script], base: "/static/" })
}
