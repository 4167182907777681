import { passThrough, type Storage } from "@node-storages/core"
import type { UploadedFile } from "@node-storages/uploads"
import type { Browser } from "playwright-core"
import { afterAll, describe, expect, test } from "vitest"
import { MEBIBYTE } from "../../sample-bytes.ts"
import { useFaultProxy } from "../../servers/use-fault-proxy.ts"
import { browserOrTell } from "../../servers/browser.ts"
import { startApp, UploadPage } from "./app.ts"
import { everything, fileOf, hasPassed, LARGE, PART, RESETS, SLOW } from "./browser-suite.ts"
import { bundleBrowserHalf } from "./page.ts"
import { picture } from "./pictures.ts"
import { S3, s3Endpoint } from "./services.ts"

const script = await bundleBrowserHalf()
const browser = await browserOrTell()

/** A storage that signs forms, as S3 does where a largest size is asked for. */
function byForms(storage: Storage): Storage {
  return storage.with((next) => ({
    ...passThrough(next),
    signedUpload: (key, { size, ...options }) => next.signedUpload!(key, { ...options, maxSize: size }),
  }))
}

describe.skipIf(browser === undefined || S3.missing)("an upload from a page in Chromium", () => {
  afterAll(() => browser?.close())
  const proxy = useFaultProxy(() => s3Endpoint())
  const through = async () => proxy()

  test("sends a form where the service asks for one", async () => {
    const app = await startApp(S3, script, { around: byForms })
    const page = await UploadPage.open(browser as Browser, app, { policy: "avatar" })
    const bytes = picture(40, 30, 500_000)
    await page.choose(await fileOf("me.png", bytes))
    expect(await page.ended()).toBe("done")
    const { name } = await page.global<UploadedFile>("uploaded")
    expect(Buffer.compare(await app.storage.open(name).bytes(), bytes)).toBe(0)
    expect((await page.global<number[]>("progress")).at(-1)).toBe(bytes.byteLength)
    expect(page.faults).toEqual([])
  })

  test("does not send a part again whose answer was lost", async () => {
    const app = await startApp(S3, script, { partSize: PART, partsAbove: PART, through })
    const page = await UploadPage.open(browser as Browser, app, { policy: "large", parallel: 1 })
    await page.connection({ upload: SLOW })
    const bytes = picture(50, 20, LARGE)
    await page.choose(await fileOf("large.png", bytes))
    await hasPassed(proxy(), PART + MEBIBYTE)
    proxy().resetAfter({ down: 0, times: RESETS })
    expect(await page.ended()).toBe("done")
    expect(proxy().counts().resets).toBe(RESETS)
    expect(page.sent.map(({ part, status }) => [part, status])).toEqual([
      ["1", 200],
      ["2", undefined],
      ["3", 200],
    ])
    const { name } = await page.global<UploadedFile>("uploaded")
    expect(Buffer.compare(await app.storage.open(name).bytes(), bytes)).toBe(0)
  })

  test("does not wait for ever for a service that has gone silent", async () => {
    const app = await startApp(S3, script, { through })
    const page = await UploadPage.open(browser as Browser, app, { policy: "avatar", stalled: 3000, retries: 8 })
    let asked = 0
    await page.page.route("**/uploads", async (route) => {
      asked++
      const response = await route.fetch()
      if (page.sent.length === 0) proxy().freeze()
      await route.fulfill({ response })
    })
    await page.choose(await fileOf("me.png", picture(2, 2, 900_000)))
    // It has given up the request, and asks the app for another signature.
    while (asked < 2) await new Promise((resolve) => setTimeout(resolve, 20))
    proxy().clear()
    expect(await page.ended()).toBe("done")
    expect(await everything(app.storage)).toHaveLength(1)
  })
})
