import { once } from "node:events"
import { createServer, type RequestListener, type Server, type ServerResponse } from "node:http"
import { type AddressInfo, connect, type Socket } from "node:net"
import { StorageError, type Storage } from "@node-storages/core"
import { receiveForm, type ReceivedForm, type ReceiveFormOptions, UploadError } from "@node-storages/uploads"
import { afterEach, expect } from "vitest"
import { PATIENCE } from "../../patience.ts"

export const BOUNDARY = "----FormBoundary7MA4YWxk"
export const CONTENT_TYPE: string = `multipart/form-data; boundary=${BOUNDARY}`
export const END: string = `--${BOUNDARY}--\r\n`

/** The beginning of a picture: enough to be known as one. */
export const PNG: Uint8Array<ArrayBuffer> = Uint8Array.from([
  0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52, 0, 0, 0, 1, 0, 0, 0, 1, 8, 6, 0,
  0, 0,
])

export function fieldPart(name: string, value: string): string {
  return `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`
}

export function fileHead(field: string, fileName: string, type = "application/octet-stream"): string {
  return `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${field}"; filename="${fileName}"\r\nContent-Type: ${type}\r\n\r\n`
}

export function filePart(field: string, fileName: string, content: string | Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(fileHead(field, fileName)), Buffer.from(content), Buffer.from("\r\n")])
}

export function bodyOf(...parts: (string | Uint8Array)[]): Buffer<ArrayBuffer> {
  return Buffer.concat(parts.map((part) => Buffer.from(part)))
}

/** A request as web frameworks have it, with this body. */
export function formRequest(...parts: (string | Uint8Array)[]): Request {
  return new Request("http://localhost/", {
    method: "POST",
    headers: { "content-type": CONTENT_TYPE },
    body: bodyOf(...parts),
  })
}

/** What a form is refused with. */
export async function refusalOf(promise: Promise<unknown>): Promise<UploadError> {
  const error: unknown = await promise.then(
    () => expect.fail("The form should have been refused."),
    (reason: unknown) => reason,
  )
  if (!UploadError.is(error)) throw error
  return error
}

export async function namesIn(storage: Storage): Promise<string[]> {
  return Array.fromAsync(storage.list(), ({ name }) => name)
}

interface Served {
  readonly url: string
  readonly port: number
  readonly server: Server
}

const open: Server[] = []
afterEach(async () => {
  for (const server of open.splice(0)) {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
})

/** A server for one test. */
export async function listen(listener: RequestListener): Promise<Served> {
  return listening(createServer(listener))
}

export async function listening(server: Server): Promise<Served> {
  open.push(server)
  if (!server.listening) await once(server.listen(0, "127.0.0.1"), "listening")
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}/`, port, server }
}

/** How a form ended that a server received. */
export type Outcome = { readonly form: ReceivedForm } | { readonly error: unknown }

/** A server of node:http that receives forms, and how each ended, in the order of their ends. */
export async function receiver(
  options: ReceiveFormOptions,
): Promise<Served & { readonly outcome: () => Promise<Outcome> }> {
  const outcomes: Outcome[] = []
  const waiting: ((outcome: Outcome) => void)[] = []
  const ended = (outcome: Outcome) => {
    const next = waiting.shift()
    if (next) next(outcome)
    else outcomes.push(outcome)
  }
  const served = await listen((request, response) => {
    void (async () => {
      try {
        const form = await receiveForm(request, options)
        sendForm(response, form)
        ended({ form })
      } catch (error) {
        sendError(response, error)
        ended({ error })
      }
    })()
  })
  const outcome = async () => outcomes.shift() ?? new Promise<Outcome>((resolve) => waiting.push(resolve))
  return { ...served, outcome }
}

export function answerOf(form: ReceivedForm): object {
  return {
    fields: [...form.fields],
    files: form.files.map(({ field, name, size, contentType }) => ({ field, name, size, contentType })),
  }
}

export function sendForm(response: ServerResponse, form: ReceivedForm): void {
  response.setHeader("content-type", "application/json").end(JSON.stringify(answerOf(form)))
}

function statusOf(error: unknown): number {
  if (UploadError.is(error)) return error.status
  return StorageError.is(error) ? 507 : 500
}

export function sendError(response: ServerResponse, error: unknown): void {
  response.writeHead(statusOf(error), { "content-type": "application/json" })
  response.end(JSON.stringify(error))
}

/** A connection on which a test writes a request byte by byte. */
export async function rawConnection(port: number): Promise<Socket> {
  const socket = connect(port, "127.0.0.1")
  socket.on("error", () => {})
  await once(socket, "connect")
  return socket
}

export function requestHead(contentLength: number | undefined, headers = ""): string {
  const length = contentLength === undefined ? "Transfer-Encoding: chunked" : `Content-Length: ${contentLength}`
  return `POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: ${CONTENT_TYPE}\r\n${length}\r\n${headers}\r\n`
}

/** All that comes on a connection until it ends. */
export async function received(socket: Socket): Promise<string> {
  let text = ""
  socket.on("data", (chunk: Buffer) => (text += chunk.toString("latin1")))
  const timer = setTimeout(() => socket.destroy(), PATIENCE)
  await new Promise((resolve) => socket.once("close", resolve))
  clearTimeout(timer)
  return text
}
