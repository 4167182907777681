import { join } from "node:path"
import { MemoryStorage } from "@node-storages/memory"
import { bundle, collect, defineStatic, entryTags, StaticFiles } from "@node-storages/static"
import { expect, it } from "vitest"
import { build } from "vite"
import { filesIn } from "./inspect.ts"
import { temporaryFolder, writeFiles } from "./site.ts"

const APP = {
  "src/main.ts": 'import "./main.css"\nimport { shared } from "./shared.ts"\nshared(1 as number)\n',
  "src/admin.ts": 'import { shared } from "./shared.ts"\nshared(2)\nimport("./lazy.ts")\n',
  "src/lazy.ts": 'console.log(new URL("./pic.svg", import.meta.url).href)\n',
  "src/shared.ts": 'import "./shared.css"\nexport const shared = (value: number) => console.log("shared", value)\n',
  "src/main.css": "body { background: url(./pic.svg) }\n",
  "src/shared.css": "p { color: red }\n",
  "src/pic.svg": `<svg xmlns="http://www.w3.org/2000/svg"><path d="${"M1 2 ".repeat(2000)}"/></svg>\n`,
}

/** As the guide of Vite says for templates of another server. */
async function buildWithVite(root: string, outDir: string): Promise<void> {
  const input = ["src/main.ts", "src/admin.ts"].map((name) => join(root, name))
  await build({
    root,
    configFile: false,
    logLevel: "silent",
    base: "./",
    build: { outDir, manifest: true, rollupOptions: { input } },
  })
}

it("the output of Vite is published as it is, and templates ask for its entries by their sources' names", async () => {
  const [root, outDir] = [await writeFiles(APP), await temporaryFolder()]
  await buildWithVite(root, outDir)
  const storage = new MemoryStorage({ baseUrl: "/static/" })
  const config = defineStatic({ storage, sources: [bundle({ folder: outDir })], compress: false })
  await collect(config)
  const published = await filesIn(storage)
  const files = await StaticFiles.load(storage)
  const nameOf = (url: string) => url.slice("/static/".length)

  const main = nameOf(files.url("src/main.ts"))
  expect(main).toMatch(/^assets\/main-[\w-]{8}\.js$/)
  expect((await storage.stat(main)).cacheControl).toContain("immutable")
  const tags = entryTags(files, "src/main.ts").toString()
  const urls = [...tags.matchAll(/(?:src|href)="([^"]*)"/g)].map((match) => match[1]!)
  expect(urls.map((url) => url.replace(/-[\w-]{8}\./, "-HASH."))).toEqual([
    "/static/assets/main-HASH.css",
    "/static/assets/shared-HASH.css",
    "/static/assets/main-HASH.js",
  ])
  for (const url of urls) expect(published[nameOf(url)], url).toBeDefined()
  expect(files.styles("src/admin.ts")).toHaveLength(1)
  const preloaded = files.preloadHeaders("src/admin.ts").match(/<[^>]*>/g)!
  expect(preloaded.map((url) => url.replace(/-[\w-]{8}\./, "-HASH."))).toEqual([
    "</static/assets/admin-HASH.js>",
    "</static/assets/shared-HASH.js>",
    "</static/assets/shared-HASH.css>",
  ])
  expect((await collect(config)).published).toMatchObject({ written: 0, manifest: "unchanged" })
})
