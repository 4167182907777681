import { gzipSync } from "node:zlib"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, beforeEach, describe } from "vitest"
import { MEBIBYTE } from "../../sample-bytes.ts"
import { freePort } from "../../servers/free-port.ts"
import { rawRequest } from "../raw-client.ts"
import { describeAccidents } from "./accidents-suite.ts"
import { type Framework, LARGE, ODD_NAME, PAGE, type Running, TEXT } from "./framework.ts"
import { describeServing } from "./serving-suite.ts"
import { FAILS_AT_ONCE, FAILS_MIDWAY, Site, WATCHED } from "./site.ts"
import { describeUploads } from "./uploads-suite.ts"

/** More than all buffers on the way hold. */
const WATCHED_SIZE = 96 * MEBIBYTE

async function fill({ media, members }: Site): Promise<void> {
  await media.write("report.txt", TEXT, { cacheControl: "public, max-age=60" })
  await media.write("index.html", PAGE)
  await media.write("docs/index.html", PAGE)
  await media.write("docs/deep er/index.html", PAGE)
  await media.write(ODD_NAME, "odd")
  await media.write("large.bin", LARGE)
  await media.write("empty.txt", "")
  await media.write("encoded.txt", gzipSync(TEXT), { contentEncoding: "gzip" })
  await media.write(FAILS_AT_ONCE, TEXT)
  await media.write(FAILS_MIDWAY, LARGE)
  await media.write(WATCHED, new Uint8Array(WATCHED_SIZE))
  await members.write("ada/diary.txt", "Dear diary")
}

export function describeFramework(framework: Framework): void {
  describe(framework.name, () => {
    let folder: string
    let site: Site
    let port: number
    let stop: (() => Promise<void> | void) | undefined
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), "framework-"))
      port = await freePort()
      site = new Site(folder, `http://127.0.0.1:${port}`)
      await fill(site)
      stop = await framework.start(site, port)
    })
    afterAll(async () => {
      await stop?.()
      await rm(folder, { recursive: true, force: true, maxRetries: 3 })
    })
    beforeEach(() => site.forget())

    const running = (): Running => ({
      framework,
      site,
      port,
      ask: (path, request) => rawRequest(port, path, request),
    })
    describeServing(framework, running)
    describeUploads(framework, running)
    describeAccidents(running)
    framework.also?.(running)
  })
}
