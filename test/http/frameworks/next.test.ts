import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { stripTypeScriptTypes } from "node:module"
import { dirname, join } from "node:path"
import { setTimeout as delay } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { expect, it } from "vitest"
import { MEBIBYTE, sampleBytes } from "../../sample-bytes.ts"
import { ProcessGroup } from "../../servers/process-group.ts"
import { describeFramework } from "./framework-suite.ts"

/** As deep in the tree as the app's sources, so that what they import is found. Turbopack takes nothing from outside. */
const BUILT = fileURLToPath(new URL(".cache", import.meta.url))
const NEXT = fileURLToPath(import.meta.resolve("next/dist/bin/next"))

/** Next.js checks types with a compiler of its own choice, in a folder that it writes to. */
function copyWithoutTypes(): void {
  rmSync(BUILT, { recursive: true, force: true })
  const sources = join(import.meta.dirname, "next")
  for (const path of globSync("**/*.ts", { cwd: sources })) {
    const target = join(BUILT, path.replace(/\.ts$/, ".js"))
    mkdirSync(dirname(target), { recursive: true })
    const code = stripTypeScriptTypes(readFileSync(join(sources, path), "utf8"))
    writeFileSync(target, code.replaceAll('/served.ts"', '/served.js"'))
  }
}

describeFramework({
  name: "Next.js 16",
  fallsThrough: false,
  failsOnBrokenEscapes: true,
  takesUnknownLengths: false,
  keepsFraming: false,
  start: async (site, port) => {
    copyWithoutTypes()
    const app = new ProcessGroup("node-storages-next-")
    const environment = {
      NODE_ENV: "production",
      NEXT_TELEMETRY_DISABLED: "1",
      SITE_FOLDER: dirname(site.root),
      SITE_ORIGIN: `http://127.0.0.1:${port}`,
    }
    const next = ["env", ...Object.entries(environment).map((pair) => pair.join("=")), process.execPath, NEXT]
    try {
      await app.run("build", [...next, "build", BUILT])
      app.start("server", [...next, "start", BUILT, "--hostname", "127.0.0.1", "--port", String(port)])
      const answers = () =>
        fetch(`http://127.0.0.1:${port}/media/report.txt`).then(
          ({ ok }) => ok,
          () => false,
        )
      const startAnswering = async () => {
        while (!(await answers())) await delay(50)
      }
      await Promise.race([startAnswering(), app.failure])
    } catch (error) {
      await app.stop()
      throw new Error(app.lastLines(), { cause: error })
    }
    return async () => {
      await app.stop()
      rmSync(BUILT, { recursive: true, force: true })
    }
  },
  also: (running) => {
    it("an upload that Next.js cuts off behind proxy.ts is refused, and leaves nothing", async () => {
      const { site } = running()
      const upload = async (size: number) => {
        const { url, method, headers } = await site.media.signedUpload("proxied/a.bin", { maxSize: 20 * MEBIBYTE })
        const { status } = await fetch(url, { method, headers, body: sampleBytes(size) })
        return [status, await site.media.exists("proxied/a.bin")]
      }
      expect(await upload(12 * MEBIBYTE)).toEqual([400, false])
      expect(await upload(8 * MEBIBYTE)).toEqual([200, true])
    })
  },
})
