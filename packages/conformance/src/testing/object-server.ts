import { createHmac, timingSafeEqual } from "node:crypto"
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { text } from "node:stream/consumers"
import type { ReferenceDriver, StoredObject } from "./reference-driver.ts"

interface Policy {
  /** Of a whole file. */
  readonly contentType?: string
  /** Of an upload in parts. */
  readonly part?: { readonly uploadId: string; readonly number: number }
  readonly size?: number
  readonly maxSize?: number
}

/** Serves the objects of reference drivers over HTTP: publicly, and by HMAC-signed URLs for one method and path. */
export class ObjectServer {
  readonly #drivers: ReferenceDriver[] = []
  readonly #secret = "a secret of the tests"
  readonly #server: Server
  #address = ""
  /** A server that forgets to look at the clock. */
  ignoresExpiry = false

  constructor() {
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch(() => response.writeHead(500).end())
    })
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve))
    this.#address = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
    return this
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  register(driver: ReferenceDriver): void {
    this.#drivers.push(driver)
  }

  /** The name under which another driver of this server finds the objects of this one. */
  bucketOf(driver: ReferenceDriver): string {
    return String(this.#drivers.indexOf(driver))
  }

  objectIn(bucket: string, key: string): StoredObject | undefined {
    return this.#drivers[Number(bucket)]?.objects.get(key)
  }

  addressOf(driver: ReferenceDriver, access: "public" | "signed"): string {
    return `${this.#address}/${access}/${this.#drivers.indexOf(driver)}/`
  }

  sign(method: string, url: string, parameters: Readonly<Record<string, string>>): string {
    const signed = `${url}?${new URLSearchParams(parameters)}`
    return `${signed}&signature=${this.#signature(method, signed.slice(this.#address.length))}`
  }

  #signature(method: string, path: string): string {
    return createHmac("sha256", this.#secret).update(`${method}\n${path}`).digest("base64url")
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", this.#address)
    const [, access, index, ...rest] = url.pathname.split("/")
    const key = rest.map(decodeURIComponent).join("/")
    const driver = this.#drivers[Number(index)]
    if (!driver) return void response.writeHead(404).end()
    if (access === "signed" && !this.#isSigned(request, url)) return void response.writeHead(403).end()
    if (request.method === "PUT" && access === "signed") return this.#store(request, response, driver, key, url)
    if (request.method !== "GET") return void response.writeHead(405).end()
    const object = driver.objects.get(key)
    if (!object) return void response.writeHead(404).end()
    this.#send(request, response, object, url.searchParams)
  }

  #isSigned(request: IncomingMessage, url: URL): boolean {
    const [path = "", signature = ""] = (request.url ?? "").split("&signature=")
    const given = Buffer.from(signature)
    const expected = Buffer.from(this.#signature(request.method ?? "", path))
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return false
    return this.ignoresExpiry || Number(url.searchParams.get("expires")) * 1000 > Date.now()
  }

  async #store(
    request: IncomingMessage,
    response: ServerResponse,
    driver: ReferenceDriver,
    key: string,
    url: URL,
  ): Promise<void> {
    const { size, maxSize, part, ...headers } = JSON.parse(url.searchParams.get("policy")!) as Policy
    const bytes = new Uint8Array(Buffer.from(await text(request.setEncoding("latin1")), "latin1"))
    const fits = bytes.byteLength === (size ?? bytes.byteLength) && bytes.byteLength <= (maxSize ?? Infinity)
    const isTyped = part !== undefined || request.headers["content-type"] === headers.contentType
    if (!fits || !isTyped) return void response.writeHead(403).end()
    if (part && !driver.multipart.uploads.has(part.uploadId)) return void response.writeHead(404).end()
    if (part) driver.multipart.receive(key, part.uploadId, part.number, bytes)
    else driver.store(key, bytes, headers)
    response.writeHead(200).end()
  }

  #send(
    request: IncomingMessage,
    response: ServerResponse,
    { info, bytes }: StoredObject,
    asked: URLSearchParams,
  ): void {
    const disposition = asked.get("contentDisposition") ?? info.contentDisposition
    const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "")
    const body = range ? bytes.subarray(Number(range[1]), Number(range[2]) + 1) : bytes
    response.writeHead(range ? 206 : 200, {
      "content-length": body.byteLength,
      "content-type": asked.get("contentType") ?? info.contentType ?? "application/octet-stream",
      ...(disposition && { "content-disposition": disposition }),
      ...(info.cacheControl && { "cache-control": info.cacheControl }),
    })
    response.end(body)
  }
}
