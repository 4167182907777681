import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { serveStorage } from "@node-storages/http"
import { DevelopmentIndex, developmentStaticFiles, folder, sourceStorage, type StaticUrls } from "@node-storages/static"

const BASE_URL = "http://localhost:3000/static/"
const NAMES = ["css/app v2.css", "c#1?.css", "100%/a+b&c.txt", "ü/~!*'().js", ".well-known/x.json", "%2e%2e/a.css"]

let temporary: string
let root: string
let index: DevelopmentIndex
let files: StaticUrls
let handle: (request: Request) => Promise<Response>

beforeEach(async () => {
  temporary = await mkdtemp(join(tmpdir(), "development-"))
  root = join(temporary, "static")
  for (const name of NAMES) await write(name)
  const where = {
    sources: [folder(root, { ignore: ["*.bak"] }), folder(root, { prefix: "vendor" })],
    ignore: ["drafts/**"],
  }
  index = await DevelopmentIndex.load(where)
  files = developmentStaticFiles({ baseUrl: BASE_URL, index })
  handle = serveStorage(sourceStorage(where), { prefix: "/static/", trusted: true, dotfiles: true })
})
afterEach(async () => {
  // A miss has the folders listed again, which must not meet them half removed.
  await index.refresh()
  await rm(temporary, { recursive: true })
})

async function write(name: string): Promise<void> {
  await mkdir(join(root, name, ".."), { recursive: true })
  await writeFile(join(root, name), `content of ${name}`)
}

async function get(name: string): Promise<string | undefined> {
  const response = await handle(new Request(files.url(name)))
  return response.ok ? response.text() : undefined
}

describe("development with folders", () => {
  it.each(NAMES)("serves %j by its URL, with a prefix and a suffix too", async (name) => {
    expect(await get(name)).toBe(`content of ${name}`)
    expect(await get(`vendor/${name}`)).toBe(`content of ${name}`)
    expect(await get(`${name}?v=1#icon`)).toBe(`content of ${name}`)
  })

  it("serves a file that is added, with a suffix and with one that looks like a suffix", async () => {
    await write("css/new.css")
    await write("css/new#2.css")
    await write("css/deep/er.css")
    expect(await get("css/new.css?v=1")).toBe("content of css/new.css")
    expect(await get("css/new#2.css")).toBe("content of css/new#2.css")
    expect(await get("vendor/css/deep/er.css")).toBe("content of css/deep/er.css")
  })

  it("fails for a name that no folder has, and suggests the nearest", () => {
    expect(() => files.url("css/app v3.css")).toThrow('Did you mean "css/app v2.css"?')
  })

  it("knows nothing that collect would leave out, when it was there and when it is added", async () => {
    await write("drafts/a.css")
    expect(() => files.url("drafts/a.css")).toThrow("drafts/a.css")
    await index.refresh()
    expect(files.has("drafts/a.css")).toBe(false)
    expect((await handle(new Request(`${BASE_URL}drafts/a.css`))).status).toBe(404)
    expect(files.has("vendor/drafts/a.css")).toBe(true)
  })

  it("answers 304 until the file is changed, and then with what it is now", async () => {
    const url = files.url("css/app v2.css")
    const first = await handle(new Request(url))
    expect(first.headers.get("content-type")).toBe("text/css; charset=utf-8")
    const again = { headers: { "if-none-match": first.headers.get("etag")! } }
    expect((await handle(new Request(url, again))).status).toBe(304)
    expect(await (await handle(new Request(url, { headers: { range: "bytes=0-6" } }))).text()).toBe("content")
    await writeFile(join(root, "css/app v2.css"), "a{}")
    expect(await (await handle(new Request(url, again))).text()).toBe("a{}")
  })

  it("serves nothing that is outside", async () => {
    await writeFile(join(temporary, "secret.txt"), "secret")
    for (const path of ["../secret.txt", "..%2fsecret.txt", "css%2f..%2f..%2fsecret.txt"]) {
      expect((await handle(new Request(BASE_URL + path))).status).toBe(404)
    }
  })
})
