import { LocalStorage } from "@node-storages/local"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { rawRequest } from "../http/raw-client.ts"
import { webServerOrSkip } from "../http/web-server-or-skip.ts"
import { startCaddy } from "../servers/caddy.ts"
import { startNginx } from "../servers/nginx.ts"
import { temporaryFolder, writeFiles } from "../static/collect/site.ts"
import { printedConfiguration } from "./printed-configuration.ts"

const FILES = { "a.png": "png", "a.svg": "<svg/>", "b.SVG": "<svg/>", "a.html": "<p>", "a.txt": "text", "a.zip": "zip" }
const POLICIES = {
  "a.png": undefined,
  "a.svg": "sandbox",
  "b.SVG": "sandbox",
  "a.html": "sandbox",
  "a.txt": undefined,
  "a.zip": "sandbox",
}

const folder = await temporaryFolder()
/** Static files and media on one server, and media that have a server of their own, a directory of it elsewhere. */
const storagesAt = (www: string, media: string): string => `
  static: () => new LocalStorage("${folder}/static", { baseUrl: \`${www}/static\` }),
  drafts: () => new LocalStorage("${folder}/drafts", { baseUrl: \`${media}/some drafts\` }),
  photos: () => new LocalStorage("${folder}", { location: "public photos", baseUrl: \`${www}/media\` }),
  uploads: () => new LocalStorage("${folder}/uploads", { baseUrl: \`${media}\` }),
  letters: () => new LocalStorage("${folder}/letters", { baseUrl: "/letters", signingKeys: ["${"k".repeat(32)}"] }),
  backup: () => new LocalStorage("${folder}/backup"),`

const nginx = await webServerOrSkip("nginx", async () => {
  const storages = storagesAt("https://www.example.com", "https://media.example.com")
  return await startNginx(await printedConfiguration("nginx", storages, ["--media"]))
})
const caddy = await webServerOrSkip("Caddy", async () => {
  const storages = storagesAt("http://127.0.0.1:${PORT}", "http://localhost:${PORT}")
  return await startCaddy(await printedConfiguration("caddy", storages, ["--media"]))
})
afterAll(async () => {
  await nginx?.stop()
  await caddy?.stop()
})

beforeAll(async () => {
  await writeFiles({ "app.0123456789ab.css": "body {}", "staticfiles.json": "{}" }, `${folder}/static`)
  const photos = new LocalStorage(folder, { location: "public photos" })
  const uploads = new LocalStorage(`${folder}/uploads`)
  for (const [name, content] of Object.entries(FILES)) {
    await photos.write(`2026/${name}`, content)
    await uploads.write(name, content, { metadata: { owner: "anna" } })
  }
  await new LocalStorage(`${folder}/drafts`).write("deep/a.txt", "a draft")
  await uploads.write(".direct-uploads/half.bin", "not looked at")
})

describe.each([
  { title: "nginx", server: nginx, www: "www.example.com", media: "media.example.com" },
  { title: "Caddy", server: caddy, www: "127.0.0.1", media: "localhost" },
])("what storages $title --media prints", ({ server, www, media }) => {
  const port = Number(new URL(server?.origin ?? "http://none:1").port)
  const ask = (host: string, path: string) => rawRequest(port, path, { headers: { host: `${host}:${port}` } })

  it.skipIf(!server)("serves static files and media below their paths on one server", async () => {
    const style = await ask(www, "/static/app.0123456789ab.css")
    expect([style.status, style.body.toString()]).toEqual([200, "body {}"])
    expect(style.headers["cache-control"]).toBe("public, max-age=31536000, immutable")
    expect((await ask(www, "/static/staticfiles.json")).status).toBe(404)
    const photo = await ask(www, "/media/public%20photos/2026/a.png")
    expect([photo.status, photo.body.toString()]).toEqual([200, "png"])
    expect(photo.headers["cache-control"]).toBe("public, max-age=3600")
    for (const path of ["/", "/letters/x", "/media/", "/media/public%20photos/../static/app.0123456789ab.css"]) {
      expect([path, (await ask(www, path)).body.toString()]).not.toEqual([path, "body {}"])
    }
  })

  it.skipIf(!server)("keeps what browsers run in a sandbox, at a path and at a domain of its own", async () => {
    for (const [host, path] of [
      [www, "/media/public%20photos/2026/"],
      [media, "/"],
    ] as const) {
      const policies: Record<string, string | undefined> = {}
      for (const name of Object.keys(FILES)) {
        const { status, headers } = await ask(host, path + name)
        expect([name, status, headers["x-content-type-options"]]).toEqual([name, 200, "nosniff"])
        policies[name] = headers["content-security-policy"]
      }
      expect(policies).toEqual(POLICIES)
    }
  })

  it.skipIf(!server)(
    "serves neither records nor uploads that nobody has looked at, and lets nobody keep a 404",
    async () => {
      for (const path of [
        "/.direct-uploads/half.bin",
        "/.node-storages/meta/",
        "/%2edirect-uploads/half.bin",
        "/x.png",
      ]) {
        const { status, headers } = await ask(media, path)
        expect([path, status, headers["cache-control"]]).toEqual([path, 404, undefined])
      }
    },
  )
})
