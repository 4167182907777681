import { once } from "node:events"
import { readFileSync } from "node:fs"
import { mkdtemp, rm } from "node:fs/promises"
import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { contentDisposition } from "@node-storages/core"
import { nodeHandler, type NodeHandler } from "@node-storages/http"
import { LocalStorage } from "@node-storages/local"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { parseDocument, ROOT } from "../docs/markdown.ts"
import { sampleBytes } from "../sample-bytes.ts"
import { startLighttpd } from "../servers/lighttpd.ts"
import { startNginx } from "../servers/nginx.ts"
import type { WebServer } from "../servers/web-server.ts"
import { rawRequest, type RawRequest } from "./raw-client.ts"
import { webServerOrSkip } from "./web-server-or-skip.ts"

const BYTES = Buffer.from(sampleBytes(100_000))
const ODD_NAMES = [
  "Übersicht „neu“.txt",
  "日本/語.txt",
  "100%.txt",
  "%41.txt",
  "what?.txt",
  "#1.txt",
  "a+b c&d=e;f.txt",
  'it\'s "quoted".txt',
  "[x]{y}|z^~`.txt",
  "🙂.txt",
  "@,!$().txt",
]

const root = await mkdtemp(join(tmpdir(), "node-storages-delivery-"))
const storage = new LocalStorage(root)
/** The app behind the web server: what it answers with is the handler of the test. */
let app: NodeHandler = nodeHandler(storage)
const backend: Server = createServer((request, response) => void app(request, response))
await once(backend.listen(0, "127.0.0.1"), "listening")
const appPort = (backend.address() as AddressInfo).port

beforeAll(async () => {
  await storage.write("a.bin", BYTES)
  await storage.write("page.html", "<script>alert(1)</script>")
  await storage.write("inline.svg", "<svg/>", { contentDisposition: contentDisposition("inline", "bild „a“.svg") })
  const stored = { contentType: "text/x-own", cacheControl: "max-age=7", contentLanguage: "de" }
  await storage.write("stored.bin", "x", { ...stored, contentDisposition: contentDisposition("attachment", "ü.txt") })
  for (const name of ODD_NAMES) await storage.write(name, `content of ${name}`)
})
afterAll(async () => {
  backend.closeAllConnections()
  backend.close()
  await rm(root, { recursive: true, force: true })
})

/** The location that the guide shows, for these files. */
function guideLocation(): string {
  const guide = parseDocument("docs/serving.md", readFileSync(join(ROOT, "docs/serving.md"), "utf8"))
  const shown = guide.blocks.find(({ info }) => info[0] === "nginx")!.code.join("\n")
  const meant = shown.replace("/internal/media/", "/internal/kept/").replace("/srv/media/", `${root}/`)
  if (meant.includes("media")) throw new Error("docs/serving.md shows another location to nginx.")
  return meant
}

const nginx = await webServerOrSkip("nginx", () =>
  startNginx(
    (port) => `server {
      listen 127.0.0.1:${port};
      location / { proxy_pass http://127.0.0.1:${appPort}; }
      location /internal/bare/ { internal; alias ${root}/; }
      ${guideLocation()}
    }`,
  ),
)
const lighttpd = await webServerOrSkip("lighttpd", () =>
  startLighttpd(`server.modules = ("mod_proxy")
    proxy.server = ("/" => (("host" => "127.0.0.1", "port" => ${appPort},
      "x-sendfile" => "enable", "x-sendfile-docroot" => ("${root}"))))
  `),
)
afterAll(async () => {
  await nginx?.stop()
  await lighttpd?.stop()
})

function asking(server: WebServer | undefined) {
  const port = Number(new URL(server?.origin ?? "http://none:1").port)
  return (path: string, headers: RawRequest["headers"] = {}, method = "GET") =>
    rawRequest(port, path, { headers, method })
}

function urlOf(name: string): string {
  return `/${name.split("/").map(encodeURIComponent).join("/")}`
}

const SERVERS = [
  { title: "nginx, by X-Accel-Redirect", server: nginx, delivery: { accelRedirect: "/internal/kept/" } },
  { title: "lighttpd, by X-Sendfile", server: lighttpd, delivery: { sendfile: root } },
]

describe.each(SERVERS)("files that are sent by $title", ({ server, delivery }) => {
  const ask = asking(server)
  const serve = (options: Parameters<typeof nodeHandler>[1] = {}) => {
    app = nodeHandler(storage, { delivery, ...options })
  }

  it.skipIf(!server)("are whole, in parts, and not sent again", async () => {
    serve()
    const whole = await ask("/a.bin")
    expect([whole.status, whole.body.equals(BYTES)]).toEqual([200, true])
    expect(whole.headers).toMatchObject({ "cache-control": "no-cache", "content-type": "application/octet-stream" })
    for (const name of ["x-accel-redirect", "x-sendfile"]) expect(whole.headers[name]).toBeUndefined()
    const part = await ask("/a.bin", { range: "bytes=100-199" })
    expect([part.status, part.headers["content-range"]]).toEqual([206, "bytes 100-199/100000"])
    expect(part.body.equals(BYTES.subarray(100, 200))).toBe(true)
    expect((await ask("/a.bin", { range: "bytes=100000-" })).status).toBe(416)
    const again = await ask("/a.bin", { "if-none-match": whole.headers["etag"]! })
    expect([again.status, again.body.byteLength]).toEqual([304, 0])
    const head = await ask("/a.bin", {}, "HEAD")
    expect([head.status, head.headers["content-length"]]).toEqual([200, "100000"])
    expect((await ask("/missing.bin")).status).toBe(404)
    expect((await ask("/%2e%2e/etc/passwd")).status).toBeGreaterThanOrEqual(400)
  })

  it.skipIf(!server).each(ODD_NAMES)("are found whatever their name: %s", async (name) => {
    serve()
    const { status, body } = await ask(urlOf(name))
    expect([status, body.toString()]).toEqual([200, `content of ${name}`])
  })

  it.skipIf(!server)("have the headers that they were stored with, and those that make them harmless", async () => {
    serve()
    const { headers } = await ask("/stored.bin")
    expect(headers).toMatchObject({
      "content-type": "text/x-own; charset=utf-8",
      "cache-control": "max-age=7",
      "content-disposition": contentDisposition("attachment", "ü.txt"),
      "content-language": "de",
      "x-content-type-options": "nosniff",
    })
    const page = await ask("/page.html")
    expect(page.headers).toMatchObject({
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": "sandbox",
    })
  })

  it.skipIf(!server)("are only for who may have them", async () => {
    serve({ authorize: (request) => (request as { headers: Record<string, string> }).headers["x-user"] === "ann" })
    const ok = await ask("/a.bin", { "x-user": "ann" })
    expect([ok.status, ok.headers["cache-control"], ok.body.equals(BYTES)]).toEqual([200, "private, no-cache", true])
    for (const headers of [{}, { "x-user": "bob" }]) {
      const refused = await ask("/a.bin", headers)
      expect([refused.status, refused.body.includes(BYTES.subarray(0, 20))]).toEqual([403, false])
    }
  })

  it.skipIf(!server)("can't be reached by the internal path, nor by a header of the client", async () => {
    serve({ authorize: () => false })
    for (const path of [
      "/internal/kept/a.bin",
      "/internal/bare/a.bin",
      "/internal/kept/../kept/a.bin",
      "/x/../internal/kept/a.bin",
    ]) {
      expect([path, (await ask(path)).status]).toEqual([
        path,
        expect.toSatisfy((status) => status === 404 || status === 403),
      ])
    }
    const injected = { "x-accel-redirect": "/internal/kept/a.bin", "x-sendfile": join(root, "a.bin") }
    expect((await ask("/a.bin", injected)).status).toBe(403)
  })
})

describe.skipIf(!nginx)("files that are sent by nginx, which was not told to keep headers", () => {
  const ask = asking(nginx)

  it("are harmless all the same: what could run scripts is saved, not shown", async () => {
    app = nodeHandler(storage, { delivery: { accelRedirect: "/internal/bare/" } })
    const page = await ask("/page.html")
    expect([page.headers["content-security-policy"], page.headers["content-disposition"]]).toEqual([
      undefined,
      "attachment",
    ])
    expect((await ask("/inline.svg")).headers["content-disposition"]).toBe(
      contentDisposition("attachment", "bild „a“.svg"),
    )
    expect((await ask("/a.bin")).headers["content-disposition"]).toBeUndefined()
    app = nodeHandler(storage, { delivery: { accelRedirect: "/internal/bare" }, trusted: true })
    expect((await ask("/page.html")).headers["content-disposition"]).toBeUndefined()
  })
})
