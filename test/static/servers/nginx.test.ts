import { readFileSync } from "node:fs"
import { get, type IncomingMessage } from "node:http"
import { join } from "node:path"
import { buffer } from "node:stream/consumers"
import { brotliDecompressSync, gunzipSync } from "node:zlib"
import { LocalStorage } from "@node-storages/local"
import { collect, defineStatic, StaticFiles } from "@node-storages/static"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { parseDocument, ROOT } from "../../docs/markdown.ts"
import { type NginxServer, startNginx } from "../../servers/nginx.ts"
import { SITE, temporaryFolder, writeFiles } from "../collect/site.ts"

interface Answer {
  readonly status: number
  readonly headers: IncomingMessage["headers"]
  readonly body: Buffer
}

/** As it was sent, not decoded. */
async function fetchRaw(url: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
  const message = await new Promise<IncomingMessage>((resolve, reject) => {
    get(url, { headers }, resolve).once("error", reject)
  })
  return { status: message.statusCode!, headers: message.headers, body: await buffer(message) }
}

/** The configuration that the guide shows, for this folder and port. */
function configurationOf(folder: string, port: number): string {
  const guide = parseDocument("docs/static.md", readFileSync(join(ROOT, "docs/static.md"), "utf8"))
  const block = guide.blocks.find(({ info }) => info[0] === "nginx")!
  const shown = block.code.join("\n")
  const adapted = shown
    .replace("listen 80;", `listen 127.0.0.1:${port};`)
    .replace("root /srv/app/public/static;", `root ${folder};`)
  expect(adapted).toContain(`root ${folder};`)
  return adapted
}

const folder = await temporaryFolder()
let reason: string | undefined
let server: NginxServer | undefined
try {
  server = await startNginx((port) => configurationOf(folder, port))
} catch (error) {
  reason = (error as Error).message.split("\n")[0]!
  // Only where it can't be had: a configuration that nginx refuses is a failure.
  if (!reason.startsWith("nginx can't be installed")) throw error
  console.log(`nginx did not run: ${reason}`)
}

describe.skipIf(reason !== undefined)("a collected folder behind nginx, as the guide configures it", () => {
  let files: StaticFiles
  beforeAll(async () => {
    const storage = new LocalStorage(folder, { baseUrl: server!.origin })
    const more = { "js/module.mjs": "export default 1\n", "app.webmanifest": "{}" }
    const source = await writeFiles({ ...SITE, ...more })
    await collect(defineStatic({ storage, sources: [source], cacheFolder: false }))
    files = await StaticFiles.load(storage)
  })
  afterAll(() => server?.stop())

  it("sends the compressed sibling that the browser takes, which is the file", async () => {
    const url = files.url("js/vendor.js")
    const plain = await fetchRaw(url)
    expect([plain.status, plain.headers["content-encoding"]]).toEqual([200, undefined])
    expect(plain.body.toString()).toBe(SITE["js/vendor.js"])
    const gzip = await fetchRaw(url, { "accept-encoding": "gzip" })
    expect(gzip.headers["content-encoding"]).toBe("gzip")
    expect(gunzipSync(gzip.body).equals(plain.body)).toBe(true)
    const brotli = await fetchRaw(url, { "accept-encoding": "gzip, br" })
    expect(brotli.headers["content-encoding"]).toBe("br")
    expect(brotliDecompressSync(brotli.body).equals(plain.body)).toBe(true)
    expect(brotli.headers["content-type"]).toBe(plain.headers["content-type"])
  })

  it("lets browsers keep names with a hash for ever, and plain ones for a minute", async () => {
    expect((await fetchRaw(files.url("img/a b.png"))).headers["cache-control"]).toBe(
      "public, max-age=31536000, immutable",
    )
    expect((await fetchRaw(`${server!.origin}/img/a%20b.png`)).headers["cache-control"]).toBe("public, max-age=60")
  })

  it("sends the right types, also of modules and web manifests, and headers for other domains", async () => {
    const typeOf = async (name: string) => (await fetchRaw(files.url(name))).headers["content-type"]
    expect(await typeOf("css/app.css")).toBe("text/css")
    expect(await typeOf("js/module.mjs")).toBe("text/javascript")
    expect(await typeOf("app.webmanifest")).toBe("application/manifest+json")
    expect(await typeOf("fonts/x.woff2")).toBe("font/woff2")
    const { headers } = await fetchRaw(files.url("js/module.mjs"))
    expect(headers).toMatchObject({ "x-content-type-options": "nosniff", "access-control-allow-origin": "*" })
  })

  it("answers a question for changes with 304, and gives parts", async () => {
    const url = files.url("css/base.css")
    const { headers, body } = await fetchRaw(url)
    expect((await fetchRaw(url, { "if-none-match": headers.etag! })).status).toBe(304)
    const part = await fetchRaw(url, { range: "bytes=0-9" })
    expect([part.status, part.body.toString()]).toEqual([206, body.toString().slice(0, 10)])
  })

  it("has no listing, 404 for what is not there, and nothing of what collect keeps for itself", async () => {
    const statusOf = async (path: string) => (await fetchRaw(server!.origin + path)).status
    expect(await statusOf("/css/")).toBe(403)
    expect(await statusOf("/css/missing.css")).toBe(404)
    expect(await statusOf("/staticfiles.json")).toBe(404)
    expect(await statusOf("/.node-storages/")).toBe(404)
    expect(await statusOf("/.well-known/security.txt")).toBe(200)
  })

  it("serves every file of the manifest", async () => {
    for (const name of files.names()) expect((await fetchRaw(files.url(name))).status, name).toBe(200)
  })
})
