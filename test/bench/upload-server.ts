// A server that stores uploads in a folder, in a process of its own, so that its memory can be measured.
// node --conditions=node-storages-source test/bench/upload-server.ts FOLDER WAY
import { once } from "node:events"
import { createWriteStream } from "node:fs"
import { createServer, type RequestListener } from "node:http"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import { pipeline } from "node:stream/promises"
import { LocalStorage } from "@node-storages/local"
import { multerStorage, receiveForm } from "@node-storages/uploads"
import express from "express"
import multer from "multer"

export type Way = "receiveForm" | "multer" | "multerStorage" | "raw"

/** What the process tells: its port, then on request how much memory it has taken at the most, in bytes. */
export type Told = { readonly port: number } | { readonly peak: number; readonly before: number }

const [folder, way] = process.argv.slice(2) as [string, Way]
const storage = new LocalStorage(join(folder, "storage"))
const limits = { fileSize: Infinity, totalSize: Infinity }
const name = "{random}{ext}"

function withMulter(engine: multer.StorageEngine): RequestListener {
  const app = express()
  app.post("/", multer({ storage: engine }).any(), (_request, response) => void response.end())
  return app
}

let count = 0
const handlers: Record<Way, () => RequestListener> = {
  receiveForm: () => (request, response) => {
    receiveForm(request, { storage, limits, name, timeout: "1h" }).then(
      () => response.end(),
      () => response.writeHead(500).end(),
    )
  },
  multerStorage: () => withMulter(multerStorage({ storage, name })),
  multer: () => withMulter(multer.diskStorage({ destination: folder })),
  raw: () => (request, response) => {
    pipeline(request, createWriteStream(join(folder, `raw-${count++}`))).then(
      () => response.end(),
      () => response.writeHead(500).end(),
    )
  },
}

const server = createServer(handlers[way]())
await once(server.listen(0, "127.0.0.1"), "listening")
const before = process.memoryUsage.rss()
let peak = before
setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 20).unref()
const tell = (told: Told) => process.send!(told)
process.on("message", () => tell({ before, peak: Math.max(peak, process.memoryUsage.rss()) }))
process.on("disconnect", () => process.exit())
tell({ port: (server.address() as AddressInfo).port })
