import { readdir } from "node:fs/promises"
import { join, relative } from "node:path"
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from "node:zlib"
import { LocalStorage } from "@node-storages/local"
import { collect, defineStatic, type Encoding, StaticFiles } from "@node-storages/static"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { WebServer } from "../../servers/web-server.ts"
import { SITE, temporaryFolder, writeFiles } from "../collect/site.ts"
import { askFor, type RawAnswer } from "./raw-answer.ts"

const DECODE = { br: brotliDecompressSync, gzip: gunzipSync, zstd: zstdDecompressSync }

const FOR_EVER = "public, max-age=31536000, immutable"
const A_MINUTE = "public, max-age=60"
/** Kept by collect and by the storage for themselves. */
const OWN = /^(?:staticfiles\.json$|\.staticfiles\/|\.node-storages\/)/

export interface StaticServer {
  /** As messages begin where it can't be installed. */
  readonly title: string
  /** Starts it on a folder, with the configuration of the guide. */
  readonly start: (folder: string) => Promise<WebServer>
  /** The siblings that it sends, the one that it prefers first. */
  readonly encodings: readonly Encoding[]
  /** What it answers to a folder without an index. */
  readonly folderStatus: number
  /** The path below which it sends the folder: `"/static"`. Default: the root. */
  readonly path?: string
}

async function startOrTell({ title, start }: StaticServer, folder: string): Promise<WebServer | undefined> {
  try {
    return await start(folder)
  } catch (error) {
    const reason = (error as Error).message.split("\n")[0]!
    // Only where it can't be had: a configuration that it refuses is a failure.
    if (!reason.startsWith(`${title} can't be installed`)) throw error
    console.log(`${title} did not run: ${reason}`)
    return undefined
  }
}

/** What holds for a collected folder behind every web server that the guide configures. */
export async function describeStaticServer(tested: StaticServer): Promise<void> {
  const folder = await temporaryFolder()
  const server = await startOrTell(tested, folder)

  const whose =
    tested.path === undefined ? "as the guide configures it" : `at ${tested.path}, as the command configures it`
  describe.skipIf(server === undefined)(`a collected folder behind ${tested.title}, ${whose}`, () => {
    let files: StaticFiles
    const base = `${server?.origin}${tested.path ?? ""}`
    const ask = (path: string, headers: Readonly<Record<string, string>> = {}): Promise<RawAnswer> =>
      askFor(server!.origin, `${tested.path ?? ""}${path}`, headers)
    const pathOf = (name: string) => files.url(name).slice(base.length)

    beforeAll(async () => {
      const storage = new LocalStorage(folder, { baseUrl: base })
      const more = { "js/module.mjs": "export default 1\n", "app.webmanifest": "{}", LICENSE: "free\n" }
      const source = await writeFiles({ ...SITE, ...more })
      const config = { storage, sources: [source], compress: tested.encodings, cacheFolder: false } as const
      await collect(defineStatic(config))
      // A second release, so that there is a history to hide.
      await writeFiles({ LICENSE: "as in freedom\n" }, source)
      await collect(defineStatic(config))
      files = await StaticFiles.load(storage)
    })
    afterAll(() => server?.stop())

    it("sends the compressed sibling that the browser takes, which is the file", async () => {
      const plain = await ask(pathOf("js/vendor.js"))
      expect([plain.status, plain.headers["content-encoding"]]).toEqual([200, undefined])
      expect(plain.body.toString()).toBe(SITE["js/vendor.js"])
      for (const encoding of tested.encodings) {
        const { headers, body } = await ask(pathOf("js/vendor.js"), { "accept-encoding": encoding })
        expect(headers["content-encoding"]).toBe(encoding)
        expect(body.byteLength).toBeLessThan(plain.body.byteLength)
        expect(DECODE[encoding](body).equals(plain.body), encoding).toBe(true)
        expect(headers["content-type"]).toBe(plain.headers["content-type"])
      }
      const { headers } = await ask(pathOf("js/vendor.js"), { "accept-encoding": "gzip, deflate, br, zstd" })
      expect(headers["content-encoding"]).toBe(tested.encodings[0])
    })

    it("tells caches on the way that the answer depends on what the browser takes", async () => {
      for (const accepted of ["identity", ...tested.encodings]) {
        const { headers } = await ask(pathOf("js/vendor.js"), { "accept-encoding": accepted })
        expect(headers["vary"]?.toLowerCase(), accepted).toBe("accept-encoding")
      }
    })

    it("lets browsers keep names with a hash for ever, and plain ones for a minute", async () => {
      const keptFor = async (path: string) => (await ask(path)).headers["cache-control"]
      for (const name of ["img/a b.png", "js/vendor.js", "js/module.mjs", "app.webmanifest", "LICENSE"]) {
        expect([name, await keptFor(pathOf(name))]).toEqual([name, FOR_EVER])
        expect([name, await keptFor(`/${name.replace(" ", "%20")}`)]).toEqual([name, A_MINUTE])
      }
    })

    it("lets nobody keep a 404: the file may come with the release that is under way", async () => {
      for (const path of ["/css/gone.0123456789ab.css", "/gone.0123456789ab.mjs", "/gone.css", "/staticfiles.json"]) {
        const { status, headers } = await ask(path)
        expect([path, status, headers["cache-control"]]).toEqual([path, 404, undefined])
      }
    })

    it("sends the right types, also of modules and web manifests, and headers for other domains", async () => {
      const typeOf = async (name: string) => (await ask(pathOf(name))).headers["content-type"]?.split(";")[0]
      expect(await typeOf("css/app.css")).toBe("text/css")
      expect(await typeOf("js/module.mjs")).toBe("text/javascript")
      expect(await typeOf("app.webmanifest")).toBe("application/manifest+json")
      expect(await typeOf("fonts/x.woff2")).toBe("font/woff2")
      for (const name of ["js/module.mjs", "app.webmanifest", "fonts/x.woff2"]) {
        expect((await ask(pathOf(name))).headers, name).toMatchObject({
          "x-content-type-options": "nosniff",
          "access-control-allow-origin": "*",
          "cross-origin-resource-policy": "cross-origin",
        })
      }
    })

    it("answers a question for changes with 304, and gives parts", async () => {
      for (const accepted of ["identity", ...tested.encodings]) {
        const headers = { "accept-encoding": accepted }
        const { etag } = (await ask(pathOf("js/vendor.js"), headers)).headers
        const again = await ask(pathOf("js/vendor.js"), { ...headers, "if-none-match": etag! })
        expect([accepted, again.status, again.headers["cache-control"]]).toEqual([accepted, 304, FOR_EVER])
      }
      const part = await ask(pathOf("js/vendor.js"), { range: "bytes=10-19" })
      expect([part.status, part.body.toString()]).toEqual([206, SITE["js/vendor.js"]!.slice(10, 20)])
      expect(part.headers["cache-control"]).toBe(FOR_EVER)
    })

    it("has no listing, and 404 for what is not there", async () => {
      expect((await ask("/css/")).status).toBe(tested.folderStatus)
      expect((await ask("/css/missing.css")).status).toBe(404)
      expect((await ask("/.well-known/security.txt")).status).toBe(200)
    })

    it("gives every file of the folder, but nothing of what collect and the storage keep for themselves", async () => {
      const entries = await readdir(folder, { recursive: true, withFileTypes: true })
      const names = entries
        .filter((entry) => entry.isFile())
        .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
      expect(new Set(names.map((name) => OWN.exec(name)?.[0]))).toContain(".staticfiles/")
      for (const name of names) {
        const { status } = await ask(`/${name.split("/").map(encodeURIComponent).join("/")}`)
        expect([name, status]).toEqual([name, OWN.test(name) ? 404 : 200])
      }
      for (const path of ["//", "/./", "/css/../", "/%2e/", "/css/%2e%2e/"]) {
        expect([path, (await ask(`${path}staticfiles.json`)).status]).toEqual([path, 404])
      }
      expect((await ask("/staticfiles%2ejson")).status).toBe(404)
    })
  })
}
