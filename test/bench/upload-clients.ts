import { type ChildProcess, fork } from "node:child_process"
import { once } from "node:events"
import { request } from "node:http"
import { fileURLToPath } from "node:url"
import { setTimeout as delay } from "node:timers/promises"
import type { Told, Way } from "./upload-server.ts"

const SERVER = fileURLToPath(new URL("upload-server.ts", import.meta.url))
const BOUNDARY = "----FormBoundary7MA4YWxk"
const HEAD = Buffer.from(
  `--${BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="file.bin"\r\nContent-Type: application/octet-stream\r\n\r\n`,
)
const TAIL = Buffer.from(`\r\n--${BOUNDARY}--\r\n`)

/** A server of uploads in a process of its own. */
export class UploadServer {
  readonly port: number
  readonly #child: ChildProcess

  private constructor(child: ChildProcess, port: number) {
    this.#child = child
    this.port = port
  }

  static async start(folder: string, way: Way): Promise<UploadServer> {
    const execArgv = ["--conditions=node-storages-source", "--no-warnings"]
    const child = fork(SERVER, [folder, way], { execArgv })
    const [told] = (await once(child, "message")) as [Told]
    if (!("port" in told)) throw new Error("The server of uploads did not tell its port.")
    return new UploadServer(child, told.port)
  }

  /** How many bytes the process has grown by at the most. */
  async growth(): Promise<number> {
    this.#child.send("memory")
    const [told] = (await once(this.#child, "message")) as [Told]
    return "peak" in told ? told.peak - told.before : Number.NaN
  }

  async stop(): Promise<void> {
    this.#child.disconnect()
    await once(this.#child, "exit")
  }
}

export interface Sending {
  /** Of the file, in bytes. */
  readonly size: number
  /** What is sent at once, in bytes. */
  readonly chunk: number
  /** Milliseconds from one chunk to the next. Default: as fast as it goes. */
  readonly every?: number
}

/** Uploads one file of noise by a form (or, raw, as the body). Answers with the status. */
export async function upload(port: number, way: Way, { size, chunk, every = 0 }: Sending): Promise<number> {
  const bytes = Buffer.alloc(chunk, "\x00\x9fnoise")
  const [head, tail] = way === "raw" ? [Buffer.alloc(0), Buffer.alloc(0)] : [HEAD, TAIL]
  const sent = request({
    port,
    host: "127.0.0.1",
    method: "POST",
    agent: false,
    headers: {
      "content-type": `multipart/form-data; boundary=${BOUNDARY}`,
      "content-length": head.byteLength + size + tail.byteLength,
    },
  })
  const answered = once(sent, "response")
  sent.write(head)
  for (let left = size; left > 0; left -= chunk) {
    if (!sent.write(bytes.subarray(0, left))) await once(sent, "drain")
    if (every > 0) await delay(every)
  }
  sent.end(tail)
  const [response] = (await answered) as [import("node:http").IncomingMessage]
  response.resume()
  return response.statusCode!
}
