import type { Manifest } from "@node-storages/static"
import type { Browser } from "playwright-core"
import { afterAll, describe, expect, it } from "vitest"
import { startNginx } from "../../servers/nginx.ts"
import type { WebServer } from "../../servers/web-server.ts"
import { nginxConfiguration } from "../servers/guide-configuration.ts"
import { startBrowser } from "../../servers/browser.ts"
import { openPage } from "./browser.ts"
import { SAMPLES } from "./samples.ts"

interface Running {
  readonly server: WebServer
  readonly browser: Browser
}

async function startOrTell(folder: string): Promise<Running | undefined> {
  let server: WebServer | undefined
  try {
    server = await startNginx((port) => nginxConfiguration(folder, port))
    return { server, browser: await startBrowser() }
  } catch (error) {
    await server?.stop()
    const reason = (error as Error).message.split("\n")[0]!
    // Only where they can't be had: a browser that does not start is a failure.
    if (!/^(?:nginx|Chromium) can't be installed/.test(reason)) throw error
    console.log(`Pages did not run: ${reason}`)
    return undefined
  }
}

/** Pages of a collected folder, behind nginx as the guide configures it, in Chromium. */
export async function describePages(folder: string, manifest: () => Manifest): Promise<void> {
  const running = await startOrTell(folder)
  describe.skipIf(running === undefined)("its pages, behind nginx as the guide configures it, in Chromium", () => {
    afterAll(async () => {
      await running?.browser.close()
      await running?.server.stop()
    })

    it.each(SAMPLES)("$page works, without an error, a missing file, or another host", async (sample) => {
      const { page, faults, paths } = await openPage(running!.browser, running!.server.origin, sample.page)
      try {
        await page.waitForFunction(sample.works)
        await page.waitForLoadState("networkidle")
      } catch (error) {
        throw new Error([`${sample.page} does not work`, ...faults].join("\n"), { cause: error })
      }
      expect(faults).toEqual([])
      const { files } = manifest()
      for (const name of sample.loads) expect(paths, name).toContain(files[name]!.name)
      await page.close()
    })

    it("would not pass with a fault", async () => {
      const { page, faults } = await openPage(running!.browser, running!.server.origin, "pages/faulty.html")
      for (const fault of [
        /^404: .*\/pages\/gone\.png$/,
        /^another host: http:\/\/static\.example\.com\/a\.png$/,
        /^failed: http:\/\/static\.example\.com\/a\.png /,
        /^error: an error of the console$/,
        /^error: an error of a script$/,
        /^error: .*digest/,
      ]) {
        expect(faults).toContainEqual(expect.stringMatching(fault))
      }
      await page.close()
    })
  })
}
