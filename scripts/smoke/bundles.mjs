// One app per adapter and per entry, bundled by esbuild and by Vite: what is in the bundle is what it uses, and no
// other adapter's SDK; its size stays under a limit; and it runs.
import { mkdirSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { gzipSync } from "node:zlib"
import { build as viteBuild } from "vite"
import { mustBe, run } from "./run.mjs"

const OURS = /^(@node-storages\/|node-storages$)/

/** What tells that a cloud's SDK, or another heavy part, is in a bundle. */
const PARTS = {
  aws: /^@(aws-sdk|aws|aws-crypto|smithy)\//,
  google: /^(@google-cloud\/|google-auth-library$|gaxios$)/,
  azure: /^@azure\//,
  memfs: /^memfs$/,
  parsers: /^(acorn|parse5|es-module-lexer)$/,
  forms: /^@fastify\/busboy$/,
}

/**
 * The apps of test/packed/bundles: which packages of ours and which parts they may hold, the largest size in KB of 1000
 * bytes (minified, by gzip), and what they print. An app for pages prints nothing: see pages.mjs.
 *
 * `esm` is for esbuild, which takes CommonJS first where an app is for Node: jsonc-parser's can't be bundled (its
 * `require` is handed around), and esbuild's own advice is `--main-fields=module,main`.
 */
const BUNDLES = {
  core: { ours: ["core"], parts: [], limit: 26, prints: "a/b.txt invalid-option" },
  local: { ours: ["core", "local"], parts: [], limit: 40, prints: "hello /media/a.txt true" },
  memory: { ours: ["core", "local", "memory"], parts: ["memfs"], limit: 100, prints: "hello" },
  s3: { ours: ["core", "s3"], parts: ["aws"], limit: 250, prints: "acme.s3.eu-west-1.amazonaws.com 3600 true" },
  gcs: {
    ours: ["core", "gcs"],
    parts: ["google"],
    limit: 250,
    prints: "https://storage.googleapis.com/acme/a.txt true",
  },
  azure: { ours: ["azure", "core"], parts: ["azure"], limit: 290, prints: "acme.blob.core.windows.net true true" },
  http: {
    ours: ["core", "http"],
    parts: [],
    limit: 46,
    prints: '{"kind":"parts","ranges":[{"start":1,"end":3}]} function',
  },
  static: {
    ours: ["core", "local", "static"],
    parts: ["parsers"],
    limit: 200,
    prints: "/static/a.HASH.css",
    esm: true,
  },
  uploads: { ours: ["core", "http", "local", "uploads"], parts: ["forms"], limit: 90, prints: "a.txt 5" },
  "page-core": { ours: ["core"], parts: [], limit: 28, page: true },
  "page-upload": { ours: ["uploads"], parts: [], limit: 3, page: true },
}

/** The work of a row: each app by one bundler. @param bundle the bundler: answers with code and what is in it */
export function bundledBy(bundle, app, node) {
  const cells = Object.entries(BUNDLES).map(([name, wanted]) => [
    name,
    async () => {
      const { file, code, modules } = await bundle(app, name, wanted)
      const size = gzipSync(code).byteLength / 1000
      holds(modules, wanted)
      if (size > wanted.limit) throw new Error(`${name} is ${size.toFixed(1)} KB by gzip: over ${wanted.limit} KB.`)
      if (!wanted.page) await prints(file, node, wanted.prints)
      return `${size.toFixed(1)} KB of at most ${wanted.limit}`
    },
  ])
  return Object.fromEntries(cells)
}

function holds(modules, { ours, parts, page }) {
  const packages = [...new Set(modules.flatMap((id) => packageOf(id) ?? []))]
  const met = packages.filter((name) => OURS.test(name)).map((name) => name.replace("@node-storages/", ""))
  // A bundler may have found that nothing of one is used.
  mustBe("what it holds of others of ours", met.filter((name) => !ours.includes(name)).join(), "")
  mustBe("whether it holds any of ours", met.length > 0, true)
  const heavy = Object.keys(PARTS).filter((part) => packages.some((name) => PARTS[part].test(name)))
  mustBe("what it holds of others", heavy.join(), parts.join())
  const fromNode = modules.filter((id) => /^node:|__vite-browser-external|^browser-external/.test(id))
  if (page) mustBe("what it takes from Node", fromNode.join(), "")
}

/** The name of the package that a module is of. */
function packageOf(id) {
  return /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(`/${id.replaceAll("\\", "/")}`)?.[1]
}

async function prints(file, node, wanted) {
  const folder = `${file}-run`
  mkdirSync(folder)
  const { stdout } = await run(node, [file], { cwd: folder })
  mustBe("what it printed", stdout.trim(), wanted)
}

/** ES modules that hold CommonJS need a `require`, as esbuild's users give it to them. */
const REQUIRE = 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);'

/** @param compilers the folder in which esbuild is installed */
export function byEsbuild(compilers) {
  const { build } = createRequire(join(compilers, "package.json"))("esbuild")
  return async (app, name, { page = false, esm = page }) => {
    const file = join(app, "esbuild", `${name}.mjs`)
    const { outputFiles, metafile } = await build({
      absWorkingDir: app,
      entryPoints: [join(app, "bundles", `${name}.ts`)],
      outfile: file,
      bundle: true,
      minify: true,
      format: "esm",
      target: "es2023",
      platform: page ? "browser" : "node",
      mainFields: esm ? ["module", "main"] : ["main", "module"],
      banner: page ? {} : { js: REQUIRE },
      metafile: true,
      write: false,
      logLevel: "silent",
    })
    return written(file, outputFiles[0].text, Object.keys(metafile.inputs))
  }
}

export async function byVite(app, name, { page = false }) {
  const entry = join(app, "bundles", `${name}.ts`)
  const { output } = await viteBuild({
    root: app,
    configFile: false,
    logLevel: "error",
    ssr: { noExternal: true, target: "node" },
    build: {
      ssr: page ? false : entry,
      minify: true,
      write: false,
      target: "es2023",
      modulePreload: { polyfill: false },
      rolldownOptions: { input: entry, output: { codeSplitting: false } },
    },
  })
  const modules = output.flatMap((chunk) => chunk.moduleIds ?? [])
  return written(join(app, "vite", `${name}.mjs`), output[0].code, modules)
}

function written(file, code, modules) {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, code)
  return { file, code, modules }
}
