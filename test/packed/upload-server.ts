/**
 * An app that takes direct uploads: the page at "/", its script from the file of the first argument. Prints its port,
 * and each file that a page has uploaded.
 */
import { readFile } from "node:fs/promises"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { nodeHandler } from "@node-storages/http"
import { LocalStorage } from "@node-storages/local"
import { directUploadNodeHandler, directUploads } from "@node-storages/uploads"

const script = await readFile(process.argv[2]!)
const server = createServer().listen(0, "127.0.0.1")
await new Promise((resolve) => server.once("listening", resolve))
const { port } = server.address() as AddressInfo
const baseUrl = `http://127.0.0.1:${port}/files/`
const storage = new LocalStorage("uploaded", { baseUrl, signingKeys: ["k".repeat(32)] })
const uploads = directUploads({
  storage,
  keys: ["t".repeat(32)],
  policies: { any: { maxSize: "1 MB" } },
})
const takeUploads = directUploadNodeHandler(uploads, {
  authorize: () => true,
  onComplete: async ({ name }) => console.log(`arrived: ${await storage.open(name).text()}`),
})
const serveFiles = nodeHandler(storage, { prefix: "/files/" })

server.on("request", (request, response) => {
  if (request.url === "/") {
    response.setHeader("content-type", "text/html").end('<!doctype html><script type="module" src="/page.js"></script>')
  } else if (request.url === "/page.js") response.setHeader("content-type", "text/javascript").end(script)
  else void (request.url === "/uploads" ? takeUploads : serveFiles)(request, response)
})
console.log(`port: ${port}`)
