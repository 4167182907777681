// The bundles for pages: in a context that has nothing of Node, and in Chromium.
import { spawn } from "node:child_process"
import { readFileSync, mkdirSync } from "node:fs"
import { createServer } from "node:http"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { createContext, runInContext } from "node:vm"
import { browserOrTell } from "../../test/servers/browser.ts"
import { mustBe } from "./run.mjs"

/** What page-core.ts finds out. */
const CORE = {
  name: "a/b.txt",
  renamed: true,
  text: "hello",
  type: "text/plain",
  url: "/media/a%20b.txt",
  copied: 2,
  missing: true,
  node: [],
}

/** What browsers, workers and other run times have beside the language itself. */
const STANDARD = [
  "AbortController",
  "AbortSignal",
  "Blob",
  "DOMException",
  "ReadableStream",
  "TextDecoder",
  "TextEncoder",
  "URL",
  "URLSearchParams",
  "clearTimeout",
  "crypto",
  "setTimeout",
  "structuredClone",
]

/** The work of a row, for the bundles that both bundlers have made. */
export function inPages(app, node) {
  const bundled = (bundler, name) => join(app, bundler, `${name}.mjs`)
  return {
    "core without Node's globals": () => withoutNode(bundled("esbuild", "page-core")),
    "core in Chromium, by esbuild": () => inChromium((browser) => corePage(browser, bundled("esbuild", "page-core"))),
    "core in Chromium, by Vite": () => inChromium((browser) => corePage(browser, bundled("vite", "page-core"))),
    "an upload from Chromium": () => inChromium((browser) => uploadPage(browser, app, node)),
  }
}

async function withoutNode(file) {
  const context = createContext(Object.fromEntries(STANDARD.map((name) => [name, globalThis[name]])))
  runInContext(readFileSync(file, "utf8"), context)
  mustBe("what core did", JSON.stringify(await context.works), JSON.stringify(CORE))
}

async function inChromium(use) {
  const browser = await browserOrTell()
  if (!browser) return { skipped: "there is no Chromium" }
  try {
    return await use(browser)
  } finally {
    await browser.close()
  }
}

async function corePage(browser, file) {
  const script = readFileSync(file)
  const server = createServer((request, response) => {
    if (request.url === "/page.js") response.setHeader("content-type", "text/javascript").end(script)
    else
      response
        .setHeader("content-type", "text/html")
        .end('<!doctype html><script type="module" src="/page.js"></script>')
  }).listen(0, "127.0.0.1")
  await new Promise((resolve) => server.once("listening", resolve))
  try {
    const met = await whatWorks(browser, server.address().port)
    mustBe("what core did", JSON.stringify(met), JSON.stringify(CORE))
  } finally {
    server.close()
  }
}

async function uploadPage(browser, app, node) {
  const folder = join(app, "on-upload")
  mkdirSync(folder)
  const args = [join(app, "upload-server.ts"), join(app, "vite", "page-upload.mjs")]
  const server = spawn(node, args, { cwd: folder, stdio: ["ignore", "pipe", "inherit"] })
  const lines = createInterface(server.stdout)[Symbol.asyncIterator]()
  try {
    const port = /^port: (\d+)$/.exec((await lines.next()).value)[1]
    const { size } = await whatWorks(browser, port)
    mustBe("the size of what was uploaded", size, 17)
    mustBe("what arrived", (await lines.next()).value, "arrived: hello from a page")
  } finally {
    server.kill()
  }
}

/** What a page's script came to. @throws Error with what the page reported */
async function whatWorks(browser, port) {
  const page = await browser.newPage()
  const faults = []
  page.on("pageerror", (error) => faults.push(error.message))
  page.on("console", (message) => message.type() === "error" && faults.push(message.text()))
  await page.goto(`http://127.0.0.1:${port}/`)
  try {
    await page.waitForFunction(() => "works" in globalThis, undefined, { timeout: 10_000 })
    return await page.evaluate(() => globalThis.works)
  } catch (error) {
    throw new Error(`${error.message}\n${faults.join("\n")}`, { cause: error })
  }
}
