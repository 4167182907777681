// Installs the packed tarballs with npm in an app outside the workspace, uses them there, type-checks the app, and
// measures what they cost: core and local under 3 MB together, an adapter under 300 KB on top of its SDK.
import { spawnSync } from "node:child_process"
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { root } from "./packages.mjs"

const APP = `
import { AzureStorage } from "@node-storages/azure"
import { defineStorages, prefix, StorageError, type Storage, storageFromUrl, transfer } from "@node-storages/core"
import { GCSStorage } from "@node-storages/gcs"
import { serveStorage } from "@node-storages/http"
import { fastifyStorage } from "@node-storages/http/fastify"
import { honoStorage } from "@node-storages/http/hono"
import { koaStorage } from "@node-storages/http/koa"
import { nextRoute } from "@node-storages/http/next"
import { LocalStorage } from "@node-storages/local"
import { MemoryStorage } from "@node-storages/memory"
import { S3Storage } from "@node-storages/s3"
import { collect, defineStatic, source, StaticFiles } from "@node-storages/static"
import { directUploads, receiveForm } from "@node-storages/uploads"
import { upload } from "@node-storages/uploads/browser"

const storages = defineStorages({
  media: () => new LocalStorage("media", { baseUrl: "/media/" }),
  test: new MemoryStorage(),
  static: () => new S3Storage("acme-static", { region: "eu-west-1", baseUrl: "https://static.example.com" }),
  google: () => new GCSStorage("acme-static", { signedUrls: false }),
  azure: () => new AzureStorage("static", { accountName: "acme", signedUrls: false }),
})
async function use(storage: Storage): Promise<void> {
  const name = await storage.save("a b.txt", "hello")
  const again = await storage.save("a b.txt", "again")
  if (name !== "a b.txt" || name === again) throw new Error(\`\${name} \${again}\`)
  if ((await storage.open(name).slice(1, 3).text()) !== "el") throw new Error("slice")
  const names = (await Array.fromAsync(storage.list())).map((info) => info.name)
  if (names.length !== 2) throw new Error(names.join())
  const missing: unknown = await storage.stat("nothing").catch((error: unknown) => error)
  if (!StorageError.is(missing, "not-found")) throw missing
  await storage.deleteMany(names)
}
await use(storages.media)
await use(storages.test)
await use(storages.test.with(prefix("tenant")))
if (storages.media.publicUrl("a b.txt") !== "/media/a%20b.txt") throw new Error("publicUrl")
if (storages.static.publicUrl("a b.css") !== "https://static.example.com/a%20b.css") throw new Error("S3 publicUrl")
if (storages.google.publicUrl("a") !== "https://storage.googleapis.com/acme-static/a") throw new Error("GCS publicUrl")
if (storages.azure.publicUrl("a") !== "https://acme.blob.core.windows.net/static/a") throw new Error("Azure publicUrl")
for (const url of ["gs://acme", "azblob://acme?accountName=acme", "s3://acme", "memory:"]) storageFromUrl(url)
await storages.media.write("moved.txt", "moved")
const { copied } = await transfer(storages.media, storages.test)
if (copied !== 1 || (await storages.test.open("moved.txt").text()) !== "moved") throw new Error("transfer")
const made = source("made", () => [{ name: "css/app.css", content: "body {}" }])
const config = defineStatic({ storage: new LocalStorage("static", { baseUrl: "/static/" }), sources: [made] })
await collect(config)
const url = (await StaticFiles.load(config.storage)).url("css/app.css")
if (!url.startsWith("/static/css/app.") || url.length !== "/static/css/app.0123456789ab.css".length) throw new Error(url)
const signed = new LocalStorage("signed", { baseUrl: "http://localhost/signed/", signingKeys: ["k".repeat(32)] })
const body = new FormData()
body.append("file", new Blob(["hello"]), "a.txt")
const form = await receiveForm(new Request("http://localhost/", { method: "POST", body }), { storage: signed })
const serve = serveStorage(signed, { prefix: "/signed/" })
const served = await serve(new Request(await signed.url(form.files[0]!.name), { headers: { range: "bytes=1-2" } }))
if (served.status !== 206 || (await served.text()) !== "el") throw new Error("serveStorage")
if ((await serve(new Request("http://localhost/signed/a.txt"))).status !== 403) throw new Error("without a signature")
const uploads = directUploads({ storage: signed, keys: ["t".repeat(32)], policies: { any: { maxSize: "1 MB" } } })
const direct = await uploads.createDirectUpload({ policy: "any", name: "b.txt", size: 5 })
const { method, url: target, headers } = direct.request!
if (!(await serve(new Request(target, { method, headers, body: "bytes" }))).ok) throw new Error("signed upload")
if ((await uploads.completeDirectUpload(direct.token)).size !== 5) throw new Error("completeDirectUpload")
const shims = [fastifyStorage(signed), honoStorage(signed), koaStorage(signed), nextRoute(signed).GET]
if (shims.some((shim) => typeof shim !== "function")) throw new Error("shims")
if (typeof upload !== "function") throw new Error("browser")
const bucket: typeof storages.static.client = storages.static.client
bucket.destroy()
console.log("The packed packages work.")
`

const TSCONFIG = {
  compilerOptions: {
    module: "nodenext",
    target: "es2024",
    lib: ["es2024", "esnext.array"],
    types: ["node"],
    strict: true,
    noEmit: true,
  },
  files: ["app.ts"],
}

export function smoke(folder, tarballs) {
  const find = (name) => tarballs.find((file) => new RegExp(`node-storages-${name}-\\d`).test(file))
  const run = (cwd, command, args) => {
    const { status } = spawnSync(command, args, { cwd, stdio: "inherit" })
    if (status !== 0) throw new Error(`${[command, ...args].join(" ")} failed in ${cwd}`)
  }
  const install = (name, names) => {
    const app = join(folder, name)
    mkdirSync(app, { recursive: true })
    writeFileSync(join(app, "package.json"), JSON.stringify({ name, private: true, type: "module" }))
    run(app, "npm", ["install", "--no-audit", "--no-fund", "--loglevel=error", ...names.map((each) => find(each))])
    return app
  }

  const small = install("core-and-local", ["core", "local"])
  const smallSize = sizeOf(join(small, "node_modules"))
  const app = install("app", [
    "core",
    "local",
    "memory",
    "s3",
    "gcs",
    "azure",
    "static",
    "http",
    "uploads",
    "conformance",
  ])
  const adapters = ["s3", "gcs", "azure"].map((name) => ({
    name,
    size: sizeOf(join(app, "node_modules/@node-storages", name)),
  }))

  writeFileSync(join(app, "app.ts"), APP)
  writeFileSync(join(app, "tsconfig.json"), JSON.stringify(TSCONFIG))
  const { version } = JSON.parse(readFileSync(join(root, "node_modules/@types/node/package.json"), "utf8"))
  run(app, "npm", ["install", "--no-audit", "--no-fund", "--loglevel=error", `@types/node@${version}`])
  run(app, "tsc", ["-p", "."])
  run(app, "node", ["app.ts"])

  console.log(`core + local installed: ${(smallSize / 1e6).toFixed(2)} MB`)
  for (const { name, size } of adapters) console.log(`${name} itself: ${(size / 1e3).toFixed(0)} KB`)
  if (smallSize > 3e6) throw new Error("core and local are over 3 MB together.")
  for (const { name, size } of adapters) if (size > 300e3) throw new Error(`${name} is over 300 KB.`)
}

function sizeOf(path) {
  const stat = statSync(path)
  if (!stat.isDirectory()) return stat.size
  return readdirSync(path).reduce((sum, entry) => sum + sizeOf(join(path, entry)), 0)
}
