import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtemp, rm } from "node:fs/promises"
import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { nodeHandler, STATIC_FILES } from "@node-storages/http"
import { LocalStorage } from "@node-storages/local"
import type { Browser, BrowserContextOptions, Page } from "playwright-core"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { pageGroups } from "../../docs/.vitepress/pages.ts"
import { browserOrTell } from "../servers/browser.ts"
import { ROOT } from "./markdown.ts"
import { type BuiltPage, problemOf, readPage, readSite } from "./site-links.ts"

const PHONE = { width: 390, height: 844 }

let folder: string
let site: Map<string, BuiltPage>

/** The site as `npm run docs:build` makes it: types, reference, dead links and pages, in this order. */
async function build(): Promise<void> {
  const program = spawn(process.execPath, [join(ROOT, "scripts/docs.mjs"), "build", "--outDir", folder], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "pipe"],
  })
  let output = ""
  for (const stream of [program.stdout, program.stderr])
    stream.on("data", (chunk: Buffer) => (output += chunk.toString()))
  const [status] = (await once(program, "close")) as [number]
  if (status !== 0) throw new Error(`The site was not built:\n${output}`)
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "node-storages-site-"))
  await build()
  site = readSite(folder)
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe("the documentation site", () => {
  it("has a page for every document, and for every exported name", () => {
    const files = pageGroups().flatMap(({ items }) => items.map(({ link }) => link.slice(1)))
    const expected = files.map((file) => (file.endsWith("/") ? `${file}index.html` : `${file}.html`))
    expect(expected.filter((file) => !site.has(file))).toEqual([])
    for (const name of ["core/interfaces/Storage", "core/functions/defineStorages", "static/functions/collect"]) {
      expect([...site.keys()]).toContain(`api/${name}.html`)
    }
  })

  it("has no link, anchor or file that leads nowhere, in any page", () => {
    const problems = [...site.values()].flatMap((page) =>
      page.targets.flatMap((target) => {
        const problem = problemOf(target, page, site, folder)
        return problem === undefined ? [] : [`${page.path}: ${target}: ${problem}`]
      }),
    )
    expect(problems).toEqual([])
  })

  it("would have noticed one", () => {
    const page = readPage("errors.html", `<h2 id="a"></h2><a href="/start.html#nowhere">x</a><img src="./x.png">`)
    const found = ["/start.html#nowhere", "./x.png", "#b"].map((target) => {
      const pages = new Map([...site, [page.path, page]])
      return problemOf(target, page, pages, folder)
    })
    expect(page.targets.toSorted()).toEqual(["./x.png", "/start.html#nowhere"])
    expect(found).toEqual([
      "start.html has nothing with the id nowhere",
      "there is no such file",
      "errors.html has nothing with the id b",
    ])
    expect(problemOf("#a", page, new Map([[page.path, page]]), folder)).toBeUndefined()
  })

  it("shows nothing that only the tests read", () => {
    expect([...site.keys()].filter((path) => !path.startsWith("api/")).length).toBeGreaterThan(40)
    expect(site.get("errors.html")!.ids.has("not-found")).toBe(true)
  })
})

const started = await browserOrTell()

describe.skipIf(started === undefined)("the documentation site, in Chromium,", () => {
  const browser = started as Browser
  let server: Server
  let origin: string

  beforeAll(async () => {
    const serve = nodeHandler(new LocalStorage(folder), { ...STATIC_FILES, immutable: false, index: "index.html" })
    server = createServer((request, response) => void serve(request, response)).listen(0, "127.0.0.1")
    await once(server, "listening")
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterAll(async () => {
    await browser.close()
    server.closeAllConnections()
    server.close()
  })

  /** A page, and what it complains of or asks another host for. */
  async function open(path: string, options: BrowserContextOptions = {}): Promise<{ page: Page; faults: string[] }> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options })
    const page = await context.newPage()
    const faults: string[] = []
    page.on("console", (message) => ["error", "warning"].includes(message.type()) && faults.push(message.text()))
    page.on("pageerror", (error) => faults.push(error.message))
    page.on("response", (response) => response.status() >= 400 && faults.push(`${response.status()} ${response.url()}`))
    page.on(
      "request",
      (request) => /^https?:/.test(request.url()) && !request.url().startsWith(origin) && faults.push(request.url()),
    )
    await page.goto(origin + path, { waitUntil: "networkidle" })
    await works(page)
    return { page, faults }
  }

  /** Vue has taken over what the server sent: before, a click does nothing. */
  const works = (page: Page) => page.waitForFunction("document.querySelector('#app').__vue_app__ !== undefined")
  const background = (page: Page) => page.evaluate<string>("getComputedStyle(document.body).backgroundColor")
  const overflow = (page: Page) => page.evaluate<number>("document.documentElement.scrollWidth - innerWidth")

  it("begins with what it is, and an example", async () => {
    const { page, faults } = await open("/")
    expect(await page.textContent("h1")).toContain("One interface for files in Node")
    expect(await page.textContent(".vp-doc pre")).toContain("media.save(")
    await page.click("text=Start in two minutes")
    await page.waitForURL("**/start.html")
    // The address changes before the page does.
    await page.locator("h1", { hasText: "Start in two minutes" }).waitFor()
    expect(await page.textContent("h1")).toContain("Start in two minutes")
    expect(faults).toEqual([])
    await page.context().close()
  })

  it("shows a guide beside the list of pages, with what is on it", async () => {
    const { page, faults } = await open("/static.html")
    expect(await page.textContent(".VPSidebar .is-active.has-active, .VPSidebar .is-active")).toContain("Static files")
    expect(await page.textContent(".VPDocAsideOutline")).toContain("What is rewritten")
    expect(await page.getByText("preamble").count()).toBe(0)
    expect(faults).toEqual([])
    await page.context().close()
  })

  it("shows the reference of a name, with its methods and where it is defined", async () => {
    const { page, faults } = await open("/api/core/interfaces/Storage.html")
    expect(await page.textContent("#save")).toContain("save()")
    expect(await page.textContent(".source a")).toMatch(/^packages\/core\/src\/storage\.ts:\d+$/)
    expect(await page.textContent(".VPSidebar")).toContain("http/koa")
    expect(faults).toEqual([])
    await page.context().close()
  })

  it("is dark for who wants that, and light again by its switch", async () => {
    const { page, faults } = await open("/concepts.html", { colorScheme: "dark" })
    const dark = await background(page)
    await page.click(".VPNavBar .VPSwitchAppearance")
    await page.waitForFunction("!document.documentElement.classList.contains('dark')")
    // It changes little by little.
    await page.waitForFunction("getComputedStyle(document.body).backgroundColor === 'rgb(255, 255, 255)'")
    expect([dark, await background(page)]).toEqual(["rgb(27, 27, 31)", "rgb(255, 255, 255)"])
    expect(faults).toEqual([])
    await page.context().close()
  })

  it("fits on a phone, every page of it but the reference, and has its list of pages there", async () => {
    const { page, faults } = await open("/start.html", { viewport: PHONE })
    const wide: string[] = []
    for (const { items } of pageGroups()) {
      for (const { link } of items) {
        await page.goto(`${origin}${link}${link.endsWith("/") ? "" : ".html"}`, { waitUntil: "load" })
        if ((await overflow(page)) > 0) wide.push(link)
      }
    }
    expect(wide).toEqual([])
    await works(page)
    await page.click(".VPLocalNav .menu")
    await page.click(".VPSidebar >> text=Concepts")
    await page.waitForURL("**/concepts.html")
    expect(faults).toEqual([])
    await page.context().close()
  })

  it.each([
    ["collectstatic", "Static files"],
    ["signed URL", "Signed URLs"],
    ["defineStorages", "defineStorages"],
  ])("finds %s", async (text, expected) => {
    const { page, faults } = await open("/")
    await page.click("#local-search button")
    await page.fill(".VPLocalSearchBox input", text)
    // More of them come with each letter.
    await page.locator(".VPLocalSearchBox .result", { hasText: expected }).first().waitFor()
    const results = await page.$$eval(".VPLocalSearchBox .result", (found) => found.map((each) => each.textContent))
    expect(results.join("\n")).toContain(expected)
    await page.keyboard.press("Enter")
    await page.waitForURL((url) => url.pathname !== "/")
    expect(faults).toEqual([])
    await page.context().close()
  })
})
