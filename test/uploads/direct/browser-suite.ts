import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Storage } from "@node-storages/core"
import type { UploadedFile } from "@node-storages/uploads"
import type { Browser } from "playwright-core"
import { describe, expect, onTestFinished, test, vi } from "vitest"
import { namesOf } from "../../names-of.ts"
import { PATIENCE } from "../../patience.ts"
import { MEBIBYTE } from "../../sample-bytes.ts"
import { type FaultProxy, startFaultProxy } from "../../servers/fault-proxy.ts"
import { type AppOptions, startApp, UploadPage } from "./app.ts"
import type { BackendKind } from "./backend.ts"
import type { PageSettings } from "./page.ts"
import { picture } from "./pictures.ts"

export const LARGE: number = 12 * MEBIBYTE
export const PART: number = 5 * MEBIBYTE
/** In bytes per second: a part takes some seconds. */
export const SLOW: number = 3 * MEBIBYTE
/** In bytes per second: a part takes more than a minute. */
const VERY_SLOW: number = 64 * 1024

/** Chromium sends a request again by itself, once, where a connection that it had used before is reset. */
export const RESETS = 2

/** A file on this machine, until the test has ended. */
export async function fileOf(name: string, bytes: Uint8Array | string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "direct-uploads-"))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const path = join(folder, name)
  await writeFile(path, bytes)
  return path
}

export async function everything(storage: Storage): Promise<string[]> {
  return Array.fromAsync(namesOf(storage))
}

/** Waits until something is so. */
async function eventually(check: () => Promise<void>): Promise<void> {
  const end = Date.now() + PATIENCE
  for (;;) {
    try {
      return await check()
    } catch (error) {
      if (Date.now() > end) throw error
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
}

/**
 * Waits until so many bytes have gone up through a proxy. As the proxy is in this process, not much more has when it is
 * seen, however busy the machine is.
 */
export async function hasPassed(proxy: FaultProxy, bytes: number): Promise<void> {
  while (proxy.counts().bytesUp < bytes) await new Promise((resolve) => setTimeout(resolve, 5))
}

/** For `through`: a proxy before the service. */
function proxied(): { through: NonNullable<AppOptions["through"]>; proxy: () => FaultProxy } {
  let proxy: FaultProxy | undefined
  const through: AppOptions["through"] = async (endpoint) => {
    const { hostname, port } = new URL(endpoint)
    const started = await startFaultProxy({ host: hostname, port: Number(port) })
    onTestFinished(() => started.stop())
    return (proxy = started)
  }
  return { through, proxy: () => proxy! }
}

/** What must hold in a browser, with a storage on another origin than the page. */
export function describeInBrowser(kind: BackendKind, browser: Browser, script: string): void {
  const inParts = { partSize: PART, partsAbove: PART }
  async function open(settings: PageSettings, options: AppOptions = {}) {
    const app = await startApp(kind, script, options)
    return { ...app, page: await UploadPage.open(browser, app, settings) }
  }

  describe(`an upload from a page in Chromium to ${kind.title}`, () => {
    test("shows its progress, and then the picture", async () => {
      const { page, storage } = await open({ policy: "avatar" })
      const bytes = picture(40, 30, 1_500_000)
      await page.choose(await fileOf("me.png", bytes))
      expect(await page.ended()).toBe("done")
      const { name, size, type } = await page.global<UploadedFile>("uploaded")
      expect({ size, type }).toEqual({ size: bytes.byteLength, type: "image/png" })
      expect(await everything(storage)).toEqual([name])
      const image = page.page.locator("#picture")
      expect(await image.evaluate((element) => (element as unknown as { naturalWidth: number }).naturalWidth)).toBe(40)
      const progress = await page.global<number[]>("progress")
      expect(progress.length).toBeGreaterThan(1)
      expect(progress).toEqual(progress.toSorted((a, b) => a - b))
      expect(progress.at(-1)).toBe(bytes.byteLength)
      expect(await page.page.locator("#bar").evaluate((bar) => (bar as unknown as { value: number }).value)).toBe(
        bytes.byteLength,
      )
      expect(page.faults).toEqual([])
    })

    test("is refused by a storage whose CORS rules don't know the page", async () => {
      const { page, storage } = await open({ policy: "avatar", retries: 1 }, { withoutCors: true })
      await page.choose(await fileOf("me.png", picture()))
      expect(await page.ended()).toBe("network")
      expect(page.faults.join("\n")).toContain("CORS policy")
      expect(await everything(storage)).toEqual([])
    })

    test("that is too large, or is not what it is called, says so and leaves nothing", async () => {
      const { page, storage } = await open({ policy: "avatar" })
      await page.choose(await fileOf("large.png", picture(2, 2, 2_000_001)))
      expect(await page.ended()).toBe("file-too-large")
      expect(page.sent).toEqual([])
      await page.page.reload()
      await page.choose(await fileOf("page.png", "<!doctype html><script>alert(1)</script>"))
      expect(await page.ended()).toBe("type-not-allowed")
      expect(page.sent).toHaveLength(1)
      expect(await everything(storage)).toEqual([])
    })

    test("whose signature has expired gets another one", async () => {
      const { page, storage } = await open({ policy: "avatar" }, { signaturesExpireIn: 60 })
      let isFirst = true
      await page.page.route("**/uploads", async (route) => {
        // The app signs as it would have two minutes ago.
        if (isFirst) vi.useFakeTimers({ toFake: ["Date"], now: Date.now() - 120_000 })
        isFirst = false
        const response = await route.fetch()
        vi.useRealTimers()
        await route.fulfill({ response })
      })
      await page.choose(await fileOf("me.png", picture()))
      expect(await page.ended()).toBe("done")
      expect(page.sent.length).toBeGreaterThan(1)
      expect(await everything(storage)).toHaveLength(1)
    })

    test("that takes longer than it may is over, and leaves nothing", async () => {
      const { page, storage } = await open({ policy: "brief" })
      await page.connection({ upload: MEBIBYTE / 2 })
      await page.choose(await fileOf("slow.png", picture(2, 2, 2_500_000)))
      expect(await page.ended()).toBe("upload-expired")
      expect(await everything(storage)).toEqual([])
    })

    test("that is cancelled stops, and leaves nothing", async () => {
      const { backend, page, storage } = await open({ policy: "large" }, inParts)
      await page.connection({ upload: VERY_SLOW })
      await page.choose(await fileOf("large.png", picture(2, 2, LARGE)))
      await page.page.waitForFunction(() => (globalThis as unknown as { progress: number[] }).progress.length > 2)
      await page.page.click("#cancel")
      expect(await page.ended()).toBe("AbortError")
      await eventually(async () => {
        expect(await everything(storage)).toEqual([])
        expect((await backend.openUploads?.()) ?? []).toEqual([])
      })
    })

    test("whose connection breaks in the middle goes on, and sends only what is missing", async () => {
      const { through, proxy } = proxied()
      const { page, storage } = await open({ policy: "large", parallel: 1 }, { ...inParts, through })
      await page.connection({ upload: SLOW })
      const bytes = picture(50, 20, LARGE)
      await page.choose(await fileOf("large.png", bytes))
      await hasPassed(proxy(), PART + MEBIBYTE)
      proxy().resetAfter({ up: 0, times: RESETS })
      expect(await page.ended()).toBe("done")
      expect(proxy().counts().resets).toBe(RESETS)
      const [, second] = page.sent
      // What had arrived was not sent again.
      expect(page.sent.map(({ status }) => status !== undefined)).toEqual([true, false, true, true])
      expect(page.sent.filter(({ part }) => part === second!.part)).toHaveLength(2)
      const { name } = await page.global<UploadedFile>("uploaded")
      expect(Buffer.compare(await storage.open(name).bytes(), bytes)).toBe(0)
      expect(await everything(storage)).toEqual([name])
    })

    test("begun while the browser is offline waits until it is back", async () => {
      const { page, storage } = await open({ policy: "avatar", retries: 1 })
      await page.connection({ offline: true })
      await page.choose(await fileOf("me.png", picture()))
      await new Promise((resolve) => setTimeout(resolve, 3000))
      expect(await everything(storage)).toEqual([])
      await page.connection({})
      expect(await page.ended()).toBe("done")
      expect(await everything(storage)).toHaveLength(1)
    })
  })

  describe.skipIf(kind.partSize === undefined)(`a large file from a page in Chromium to ${kind.title}`, () => {
    test("goes in parts, each once, and is shown", async () => {
      const { page, storage } = await open({ policy: "large" }, inParts)
      const bytes = picture(50, 20, LARGE)
      await page.choose(await fileOf("large.png", bytes))
      expect(await page.ended()).toBe("done")
      expect(page.sent).toHaveLength(3)
      expect(new Set(page.sent.map(({ part }) => part)).size).toBe(3)
      const { name } = await page.global<UploadedFile>("uploaded")
      expect(Buffer.compare(await storage.open(name).bytes(), bytes)).toBe(0)
      const progress = await page.global<number[]>("progress")
      expect(progress.length).toBeGreaterThan(3)
      expect(progress.at(-1)).toBe(LARGE)
      const image = page.page.locator("#picture")
      expect(await image.evaluate((element) => (element as unknown as { naturalWidth: number }).naturalWidth)).toBe(50)
      expect(page.faults).toEqual([])
    })

    test("whose page is loaded anew goes on where it was: only what is missing is sent", async () => {
      const { through, proxy } = proxied()
      const settings = { policy: "large", storageKey: "uploads", parallel: 1 }
      const { page, storage } = await open(settings, { ...inParts, through })
      await page.connection({ upload: SLOW })
      const bytes = picture(50, 20, LARGE)
      const path = await fileOf("large.png", bytes)
      await page.choose(path)
      await hasPassed(proxy(), PART + MEBIBYTE)
      // The second part does not arrive before the page is loaded anew.
      proxy().freeze()
      await page.arrived(1)
      const token = await page.global<string>("token")
      await page.page.reload()
      const before = page.sent.filter(({ status }) => status === 200 || status === 201).map(({ part }) => part)
      expect(before.length).toBeLessThan(3)
      const sent = page.sent.length
      proxy().clear()
      await page.connection({})
      await page.choose(path)
      expect(await page.ended()).toBe("done")
      expect(await page.global<string>("token")).toBe(token)
      const after = page.sent.slice(sent).map(({ part }) => part)
      expect(after).toHaveLength(3 - before.length)
      expect(after.filter((part) => before.includes(part))).toEqual([])
      const { name } = await page.global<UploadedFile>("uploaded")
      expect(Buffer.compare(await storage.open(name).bytes(), bytes)).toBe(0)
      expect(await everything(storage)).toEqual([name])
    })
  })
}
