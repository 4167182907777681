import type { RequestListener } from "node:http"
import type { Storage } from "@node-storages/core"
import { directUploadNodeHandler, directUploads, type DirectUploadsOptions } from "@node-storages/uploads"
import type { Browser, Page, Request } from "playwright-core"
import { onTestFinished } from "vitest"
import { PATIENCE } from "../../patience.ts"
import type { Backend, BackendKind, BackendOptions } from "./backend.ts"
import { PAGE, type PageSettings } from "./page.ts"
import { KEYS, listen } from "./site.ts"

/** An app on an origin of its own, whose pages upload to another. */
export interface App {
  readonly origin: string
  readonly backend: Backend
  readonly storage: Storage
}

export interface AppOptions extends Partial<DirectUploadsOptions> {
  /** Without it the storage lets pages of the app's origin in. */
  readonly withoutCors?: boolean
  /** Something between the app and its storage. */
  readonly around?: (storage: Storage) => Storage
  readonly through?: BackendOptions["through"]
}

export async function startApp(kind: BackendKind, script: string, options: AppOptions = {}): Promise<App> {
  let handle: RequestListener | undefined
  const origin = await listen((request, response) => handle!(request, response))
  const { withoutCors, through, around = (storage: Storage) => storage, ...own } = options
  const backend = await kind.create({ allowOrigins: withoutCors ? undefined : [origin], through })
  const storage = around(backend.storage)
  const uploads = directUploads({
    storage,
    keys: KEYS,
    policies: {
      avatar: { types: ["image/*"], maxSize: "2 MB", prefix: "avatars/" },
      large: { types: ["image/*"], maxSize: "50 MB", prefix: "large/" },
      brief: { maxSize: "50 MB", expiresIn: 3 },
    },
    ...own,
  })
  const endpoint = directUploadNodeHandler(uploads, { authorize: () => true })
  handle = (request, response) => {
    if (request.url === "/uploads") return void endpoint(request, response)
    const isScript = request.url === "/upload.js"
    response.writeHead(200, { "content-type": isScript ? "text/javascript" : "text/html; charset=utf-8" })
    response.end(isScript ? script : PAGE)
  }
  return { origin, backend, storage }
}

/** A request that carried bytes to the storage. */
export interface Sent {
  /** Of a part, where it is one. */
  readonly part: string
  status: number | undefined
}

/** The page of the app, open. */
export class UploadPage {
  readonly page: Page
  /** Errors of the console and of scripts. */
  readonly faults: string[] = []
  /** What was sent to the storage, in order. */
  readonly sent: Sent[] = []

  constructor(page: Page, origin: string) {
    this.page = page
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") this.faults.push(message.text())
    })
    page.on("pageerror", (error) => this.faults.push(error.message))
    const requests = new Map<Request, Sent>()
    page.on("request", (request) => {
      const url = new URL(request.url())
      if (url.origin === origin || (request.method() !== "PUT" && request.method() !== "POST")) return
      const sent: Sent = { part: partOf(url), status: undefined }
      requests.set(request, sent)
      this.sent.push(sent)
    })
    page.on("response", (response) => {
      const sent = requests.get(response.request())
      if (sent) sent.status = response.status()
    })
  }

  /** Opens it in a window of its own. */
  static async open(browser: Browser, { origin }: App, settings: PageSettings): Promise<UploadPage> {
    const context = await browser.newContext()
    onTestFinished(() => context.close())
    const opened = new UploadPage(await context.newPage(), origin)
    const query = new URLSearchParams()
    for (const [name, value] of Object.entries(settings)) query.set(name, String(value))
    await opened.page.goto(`${origin}/?${query.toString()}`)
    return opened
  }

  /** @param path of the file on this machine */
  async choose(path: string): Promise<void> {
    await this.page.setInputFiles("#file", path)
  }

  /** Waits until the upload has ended. @returns how */
  async ended(): Promise<string> {
    await this.page.waitForFunction(() => {
      const { value } = (
        globalThis as unknown as { document: { getElementById(id: string): { value: string } } }
      ).document.getElementById("state")
      return value !== "ready" && value !== "uploading"
    })
    return this.page.locator("#state").innerText()
  }

  /** The values that the page has. */
  async global<Value>(name: string): Promise<Value> {
    return this.page.evaluate((key) => (globalThis as unknown as Record<string, Value>)[key]!, name)
  }

  /** Waits until so many requests have carried their bytes to the storage. */
  async arrived(count: number): Promise<void> {
    const until = Date.now() + PATIENCE
    while (this.sent.filter(({ status }) => status !== undefined && status < 300).length < count) {
      if (Date.now() > until) throw new Error(`Only ${JSON.stringify(this.sent)} have arrived.`)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }

  /** The connection of the page: bytes per second that go up, and whether there is any. */
  async connection(options: { readonly upload?: number; readonly offline?: boolean }): Promise<void> {
    this.#session ??= await this.page.context().newCDPSession(this.page)
    await this.#session.send("Network.emulateNetworkConditions", {
      offline: options.offline ?? false,
      latency: 0,
      downloadThroughput: -1,
      uploadThroughput: options.upload ?? -1,
    })
  }

  #session: Awaited<ReturnType<ReturnType<Page["context"]>["newCDPSession"]>> | undefined
}

/** Of S3 and Cloud Storage, of Azure, and of a storage's own keys. */
function partOf({ pathname, searchParams }: URL): string {
  const [payload = ""] = searchParams.get("signed")?.split(".") ?? []
  const terms =
    payload === "" ? {} : (JSON.parse(Buffer.from(payload, "base64url").toString()) as { p?: [string, number] })
  return searchParams.get("partNumber") ?? searchParams.get("blockid") ?? terms.p?.[1].toString() ?? pathname
}
