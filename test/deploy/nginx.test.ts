import { once } from "node:events"
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import { createServer, request as httpRequest, type Server } from "node:http"
import { connect } from "node:http2"
import type { AddressInfo } from "node:net"
import { readFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { nodeHandler } from "@node-storages/http"
import { LocalStorage } from "@node-storages/local"
import { generate } from "selfsigned"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { parseDocument, ROOT } from "../docs/markdown.ts"
import { rawRequest } from "../http/raw-client.ts"
import { webServerOrSkip } from "../http/web-server-or-skip.ts"
import { PATIENCE } from "../patience.ts"
import { freePort } from "../servers/free-port.ts"
import { startNginx } from "../servers/nginx.ts"
import { nginxConfiguration, nginxMedia, nginxTls } from "../static/servers/guide-configuration.ts"

const folder = await mkdtemp(join(tmpdir(), "node-storages-deploy-"))
const documents = new LocalStorage(folder, { location: "documents" })
const publicFiles = new LocalStorage(join(folder, "public"))
/** How many bytes of the upload under way the app has got. */
let received = 0

const serve = nodeHandler(documents, {
  prefix: "/documents/",
  delivery: { accelRedirect: "/internal/media/documents/" },
  authorize: (request, name) => name.startsWith(`${String(request.headers["x-user"])}/`),
})
const app: Server = createServer((request, response) => {
  if (request.method !== "POST") return void serve(request, response)
  received = 0
  request.on("data", (chunk: Buffer) => (received += chunk.byteLength))
  request.on("end", () => response.end(`${received} from ${request.headers.host}`))
})
await once(app.listen(0, "127.0.0.1"), "listening")
const appPort = (app.address() as AddressInfo).port

const { private: key, cert } = await generate([{ name: "commonName", value: "static.example.com" }])
const [certificateFile, keyFile] = [join(folder, "certificate.pem"), join(folder, "key.pem")]
await writeFile(certificateFile, cert)
await writeFile(keyFile, key)
const tlsPort = await freePort()

const statics = join(folder, "static")
const nginx = await webServerOrSkip("nginx", () =>
  startNginx((port) => {
    const secure = nginxConfiguration(statics, port).replace(
      `listen 127.0.0.1:${port};`,
      () => `listen 127.0.0.1:${port};\n${nginxTls(tlsPort, certificateFile, keyFile)}`,
    )
    return `${secure}\n${nginxMedia(folder, port, appPort)}`
  }),
)
afterAll(async () => {
  await nginx?.stop()
  app.closeAllConnections()
  app.close()
  await rm(folder, { recursive: true, force: true })
})

describe.skipIf(!nginx)("the configuration of the guide on nginx", () => {
  const port = Number(new URL(nginx?.origin ?? "http://none:1").port)
  const ask = (host: string, path: string, headers: Record<string, string> = {}) =>
    rawRequest(port, path, { headers: { host, ...headers } })

  beforeAll(async () => {
    await mkdir(join(statics, "css"), { recursive: true })
    await writeFile(join(statics, "css/app.0123456789ab.css"), "body {}")
    await documents.write("anna/letter.txt", "Dear Anna")
    await documents.write("anna/page.html", "<script>alert(1)</script>")
    const uploads = { "a.png": "png", "a.svg": "<svg/>", "a.html": "<p>", "a.txt": "text", "a.zip": "zip" }
    for (const [name, content] of Object.entries(uploads)) await publicFiles.write(name, content)
    await publicFiles.write("b.txt", "with a record", { metadata: { owner: "anna" } })
    await publicFiles.write(".direct-uploads/half.bin", "not looked at")
  })

  it("sends static files by HTTP/2, with the headers of the guide, and sets no cookie", async () => {
    const session = connect(`https://127.0.0.1:${tlsPort}`, { ca: cert, checkServerIdentity: () => undefined })
    const stream = session.request({ ":path": "/css/app.0123456789ab.css", cookie: "session=1" })
    const [headers] = (await once(stream, "response")) as [Record<string, string>]
    let body = ""
    for await (const chunk of stream) body += String(chunk)
    session.close()
    expect([headers[":status"], body]).toEqual([200, "body {}"])
    expect(headers["cache-control"]).toBe("public, max-age=31536000, immutable")
    expect(headers).not.toHaveProperty("set-cookie")
  })

  it("sends private files when the app allows them, and only then", async () => {
    const allowed = await ask("www.example.com", "/documents/anna/letter.txt", { "x-user": "anna" })
    expect([allowed.status, allowed.body.toString()]).toEqual([200, "Dear Anna"])
    expect(allowed.headers).not.toHaveProperty("x-accel-redirect")
    expect((await ask("www.example.com", "/documents/anna/letter.txt", { "x-user": "otto" })).status).toBe(403)
    expect((await ask("www.example.com", "/internal/media/documents/anna/letter.txt")).status).toBe(404)
    const page = await ask("www.example.com", "/documents/anna/page.html", { "x-user": "anna" })
    expect(page.headers["content-disposition"]).toMatch(/^attachment/)
  })

  it("hands an upload on to the app while it comes", async () => {
    const upload = httpRequest({ port, host: "127.0.0.1", method: "POST", path: "/photos" })
    upload.setHeader("host", "www.example.com")
    upload.setHeader("content-length", 2_000_000)
    upload.write(Buffer.alloc(1_000_000))
    await expect.poll(() => received, { timeout: PATIENCE }).toBeGreaterThanOrEqual(500_000)
    expect(received).toBeGreaterThanOrEqual(500_000)
    upload.end(Buffer.alloc(1_000_000))
    const [response] = (await once(upload, "response")) as [AsyncIterable<Buffer>]
    const body = Buffer.concat(await Array.fromAsync(response)).toString()
    expect(body).toBe("2000000 from www.example.com")
  })

  it("shows pictures of people, and keeps what browsers run in a sandbox", async () => {
    const policies: Record<string, string | undefined> = {}
    for (const name of ["a.png", "a.svg", "a.html", "a.txt", "a.zip"]) {
      const { status, headers } = await ask("media.example.com", `/${name}`)
      expect([name, status, headers["x-content-type-options"]]).toEqual([name, 200, "nosniff"])
      policies[name] = headers["content-security-policy"]
    }
    const sandbox = "sandbox"
    expect(policies).toEqual({
      "a.png": undefined,
      "a.svg": sandbox,
      "a.html": sandbox,
      "a.txt": undefined,
      "a.zip": sandbox,
    })
  })

  it("serves neither records nor uploads that nobody has looked at", async () => {
    expect((await ask("media.example.com", "/b.txt")).body.toString()).toBe("with a record")
    for (const path of ["/.direct-uploads/half.bin", "/.node-storages/meta/", "/%2edirect-uploads/half.bin"]) {
      expect([path, (await ask("media.example.com", path)).status]).toEqual([path, 404])
    }
  })
})

describe("docs/deploy/nginx.md", () => {
  it("shows the location of private files as docs/serving.md does", () => {
    const locationOf = (path: string) => {
      const { blocks } = parseDocument(path, readFileSync(join(ROOT, path), "utf8"))
      const code = blocks.filter(({ info }) => info[0] === "nginx").map((block) => block.code.join("\n"))
      const text = code.find((block) => block.includes("internal;"))!
      const lines = /( *)location \/internal[^]*?\n\1\}/.exec(text)![0].split("\n")
      return lines.map((line) => line.trim())
    }
    expect(locationOf("docs/deploy/nginx.md")).toEqual(locationOf("docs/serving.md"))
  })
})
