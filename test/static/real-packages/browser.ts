import type { Browser, Page } from "playwright-core"

/** A page that is open, with all that went wrong in it. */
export interface WatchedPage {
  readonly page: Page
  /** Errors of the console and of scripts, requests that failed or were refused or went to another host. */
  readonly faults: readonly string[]
  /** The paths that were asked for, without the query. */
  readonly paths: readonly string[]
}

/** Opens a page of the server, and waits until nothing more is loaded. */
export async function openPage(browser: Browser, origin: string, path: string): Promise<WatchedPage> {
  const page = await browser.newPage({ viewport: { width: 800, height: 600 } })
  const faults: string[] = []
  const paths: string[] = []
  page.on("console", (message) => {
    const [type, text] = [message.type(), message.text()]
    // WebGL in software is slow, and says so.
    if (type === "error" || (type === "warning" && !text.includes("GL Driver Message"))) faults.push(`${type}: ${text}`)
  })
  page.on("pageerror", (error) => faults.push(`error: ${error.message}`))
  page.on("requestfailed", (request) => faults.push(`failed: ${request.url()} ${request.failure()?.errorText}`))
  page.on("response", (response) => {
    if (response.status() >= 400) faults.push(`${response.status()}: ${response.url()}`)
  })
  page.on("request", (request) => {
    const url = new URL(request.url())
    // Made by the page itself.
    if (url.protocol === "blob:" || url.protocol === "data:") return
    if (url.origin === origin) paths.push(url.pathname.slice(1))
    else faults.push(`another host: ${url.href}`)
  })
  await page.goto(`${origin}/${path}`, { waitUntil: "networkidle" })
  return { page, faults, paths }
}
