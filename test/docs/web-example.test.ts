import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Browser, Page } from "playwright-core"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { samplePictures } from "../../docs/examples/web/sample-pictures.ts"
import { makePdf } from "../../docs/examples/web/sample-pdf.ts"
import { type Started, start } from "../../docs/examples/web/start.ts"
import { browserOrTell } from "../servers/browser.ts"

const started = await browserOrTell()

/** Given as bytes: Chromium finds no file by a name beyond ASCII where no locale is set. */
const PICTURE = {
  name: "hills of Ähre.png",
  mimeType: "image/png",
  buffer: Buffer.from([...samplePictures(200, 120)][0]!.bytes),
}
const NO_PICTURE = { name: "no picture.png", mimeType: "image/png", buffer: Buffer.from(makePdf("Hello")) }

describe.skipIf(started === undefined)("the example app, in Chromium", () => {
  let folder: string
  let app: Started
  let url: string
  const browser = started as Browser

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "web-example-"))
    app = await start(join(folder, "storages"), 0)
    url = app.url.replace("localhost", "127.0.0.1")
  })
  afterAll(async () => {
    await browser.close()
    app?.server.closeAllConnections()
    app?.server.close()
    await rm(folder, { recursive: true, force: true })
  })

  async function open(): Promise<{ page: Page; faults: string[] }> {
    const context = await browser.newContext({ viewport: { width: 1100, height: 1000 } })
    const page = await context.newPage()
    const faults: string[] = []
    page.on("console", (message) => message.type() === "error" && faults.push(message.text()))
    page.on("pageerror", (error) => faults.push(error.message))
    page.on("response", (response) => response.status() >= 400 && faults.push(`${response.status()} ${response.url()}`))
    await page.goto(url, { waitUntil: "networkidle" })
    return { page, faults }
  }

  /** How many pictures are shown, each of them decoded. */
  const shown = (page: Page) =>
    page.$$eval(".gallery img", async (images) => {
      for (const image of images) image.scrollIntoView()
      await Promise.all(images.map((image) => (image as unknown as { decode(): Promise<void> }).decode()))
      return images.length
    })

  it("shows its pictures, with style sheet, script and icon by their hashed names", async () => {
    const { page, faults } = await open()
    expect(await shown(page)).toBeGreaterThanOrEqual(6)
    expect(await page.evaluate("getComputedStyle(document.body).backgroundColor")).toBe("rgb(246, 245, 242)")
    expect(faults).toEqual([])
    await page.context().close()
  })

  it("takes a picture by its form, and refuses what is none", async () => {
    const { page, faults } = await open()
    const before = await shown(page)
    await page.setInputFiles("input[name=photo]", PICTURE)
    await page.click("form[action='/photos'] button")
    await page.waitForURL(/message=saved/)
    expect(await shown(page)).toBe(before + 1)
    expect(faults).toEqual([])
    await page.setInputFiles("input[name=photo]", NO_PICTURE)
    await page.click("form[action='/photos'] button")
    await page.waitForSelector(".message.error")
    expect(await shown(page)).toBe(before + 1)
    await page.context().close()
  })

  it("takes a picture straight into the storage, with progress, and shows it", async () => {
    const { page, faults } = await open()
    const before = await shown(page)
    await page.setInputFiles("#direct input", PICTURE)
    await Promise.all([page.waitForNavigation({ waitUntil: "networkidle" }), page.click("#direct button")])
    expect(await shown(page)).toBe(before + 1)
    expect(faults).toEqual([])
    await page.setInputFiles("#direct input", NO_PICTURE)
    await page.click("#direct button")
    await page.waitForSelector(".status.error")
    expect(await page.textContent(".status")).toContain("application/pdf by its content")
    await page.context().close()
  })

  it("gives documents to who is signed in, and by a signed link to anybody", async () => {
    const { page } = await open()
    const document = (await page.getAttribute(".documents a", "href"))!
    await page.goto(url + document)
    expect(page.url()).toContain("message=members")
    await page.click("text=Sign in")
    const link = (await page.getAttribute("text=Link for 10 minutes", "href"))!
    const cookies = await page.context().cookies()
    const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join("; ")
    const answer = await fetch(url + document, { headers: { cookie } })
    expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "application/pdf"])
    expect((await fetch(url + link)).status).toBe(200)
    expect((await fetch(url + link.replace("signed=", "signed=x"))).status).toBe(403)
    expect((await fetch(url + document, { redirect: "manual" })).status).toBe(303)
    await page.context().close()
  })
})
