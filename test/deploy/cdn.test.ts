import { gunzipSync } from "node:zlib"
import { S3Storage } from "@node-storages/s3"
import { collect, defineStatic, StaticFiles, type StaticOptions } from "@node-storages/static"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { webServerOrSkip } from "../http/web-server-or-skip.ts"
import { describeOnS3, type TestBucket } from "../s3/support.ts"
import { startNginx } from "../servers/nginx.ts"
import type { WebServer } from "../servers/web-server.ts"
import { SITE, temporaryFolder, writeFiles } from "../static/collect/site.ts"
import { askFor } from "../static/servers/raw-answer.ts"

/** A cache in front of the bucket that keeps to what the files say, with the path as its key. */
function cache(folder: string, port: number, bucket: TestBucket): string {
  return `
    proxy_cache_path ${folder} keys_zone=cdn:1m max_size=20m use_temp_path=off;
    server {
      listen 127.0.0.1:${port};
      location / {
        proxy_pass ${bucket.connection.endpoint}/${bucket.name}/;
        proxy_cache cdn;
        proxy_cache_key $uri;
        add_header X-Cache $upstream_cache_status;
      }
    }`
}

describeOnS3("static files in a bucket, behind a cache as a CDN is one", (bucket) => {
  let cdn: WebServer | undefined
  let answers = false
  beforeAll(async () => {
    const folder = await temporaryFolder()
    cdn = await webServerOrSkip("nginx", () => startNginx((port) => cache(folder, port, bucket())))
    answers = cdn !== undefined
  })
  afterAll(() => cdn?.stop())

  async function published(location: string, options: Partial<StaticOptions>): Promise<StaticFiles> {
    const storage: S3Storage = bucket().storage({ location, baseUrl: cdn!.origin, acl: "public-read" })
    const source = await writeFiles(SITE)
    await collect(defineStatic({ storage, sources: [source], cacheFolder: false, ...options }))
    return StaticFiles.load(storage)
  }
  const ask = async (url: string, headers: Record<string, string> = {}) => {
    const { origin, pathname } = new URL(url)
    return askFor(origin, pathname, headers)
  }

  describe.each([
    ["as they are", "plain", { compress: false }],
    ["stored as gzip", "gzip", { contentEncoding: "gzip" }],
  ] as const)("%s", (_, location, options) => {
    it("have their types, and are kept for a year or a minute", async (context) => {
      if (!answers) context.skip()
      const files = await published(location, options)
      const vendor = await ask(files.url("js/vendor.js"))
      expect(vendor.headers).toMatchObject({
        "content-type": expect.stringMatching(/^text\/javascript/) as string,
        "cache-control": "public, max-age=31536000, immutable",
        "x-cache": "MISS",
      })
      const encoding = location === "gzip" ? "gzip" : undefined
      expect(vendor.headers["content-encoding"]).toBe(encoding)
      const body = encoding ? gunzipSync(vendor.body) : vendor.body
      expect(body.toString()).toBe(SITE["js/vendor.js"])
      expect((await ask(files.url("js/vendor.js"))).headers["x-cache"]).toBe("HIT")
      const plain = await ask(`${cdn!.origin}/${location}/js/vendor.js`)
      expect([plain.status, plain.headers["cache-control"]]).toEqual([200, "public, max-age=60"])
      // Nothing is stored that nobody asks for.
      const siblings = (await bucket().keys(`${location}/`)).filter((key) => /\.(?:br|gz|zst)$/.test(key))
      expect(siblings).toEqual([])
    })
  })

  it("are replaced without an invalidation: the new page asks for new names, the old one finds its own", async (context) => {
    if (!answers) context.skip()
    const before = await published("release", { compress: false })
    const old = before.url("css/app.css")
    expect((await ask(old)).headers["x-cache"]).toBe("MISS")
    const storage = bucket().storage({ location: "release", baseUrl: cdn!.origin, acl: "public-read" })
    const source = await writeFiles({ ...SITE, "css/app.css": "body { color: teal }\n" })
    await collect(defineStatic({ storage, sources: [source], cacheFolder: false, compress: false }))
    const after = (await StaticFiles.load(storage)).url("css/app.css")
    expect(after).not.toBe(old)
    expect((await ask(after)).body.toString()).toBe("body { color: teal }\n")
    expect([(await ask(old)).status, (await ask(old)).headers["x-cache"]]).toEqual([200, "HIT"])
  })
})
