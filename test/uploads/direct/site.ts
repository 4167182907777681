import { once } from "node:events"
import { createServer, type IncomingMessage, type RequestListener } from "node:http"
import type { AddressInfo } from "node:net"
import {
  type CompletedDirectUpload,
  type DirectUpload,
  type DirectUploadHandlerOptions,
  directUploadNodeHandler,
  directUploads,
  type DirectUploads,
  type DirectUploadsOptions,
  type SignedPart,
  type SignedRequest,
  type UploadedFile,
} from "@node-storages/uploads"
import { onTestFinished } from "vitest"

export const KEYS: readonly string[] = ["the key of today, of 32 characters", "the key of yesterday, still good."]

/** Starts a server on loopback, until the test has ended. @returns its origin */
export async function listen(handler: RequestListener): Promise<string> {
  const server = createServer(handler)
  await once(server.listen(0, "127.0.0.1"), "listening")
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** What the endpoint answered. */
export interface Answer<Body> {
  readonly status: number
  readonly body: Body & { readonly error?: { readonly code: string; readonly message: string } }
}

/** An app with the server's half at an endpoint, and its clients. */
export class Site {
  readonly uploads: DirectUploads
  readonly endpoint: string
  /** What `onComplete` was told. */
  readonly completed: CompletedDirectUpload[] = []
  readonly errors: unknown[] = []

  private constructor(uploads: DirectUploads, endpoint: string) {
    this.uploads = uploads
    this.endpoint = endpoint
  }

  static async start(
    options: Omit<DirectUploadsOptions, "keys">,
    handling: Partial<DirectUploadHandlerOptions<IncomingMessage>> = {},
  ): Promise<Site> {
    const uploads = directUploads({ keys: KEYS, ...options })
    const handler = directUploadNodeHandler(uploads, {
      authorize: ({ headers }) => (headers["x-user"] as string | undefined) ?? true,
      onComplete: (upload) => {
        site.completed.push(upload)
        return { id: site.completed.length }
      },
      onError: (error) => void site.errors.push(error),
      ...handling,
    })
    const origin = await listen((request, response) => void handler(request, response))
    const site: Site = new Site(uploads, `${origin}/uploads`)
    return site
  }

  async ask<Body>(message: object, user?: string): Promise<Answer<Body>> {
    const response = await fetch(this.endpoint, {
      method: "POST",
      headers: { "content-type": "application/json", ...(user !== undefined && { "x-user": user }) },
      body: JSON.stringify(message),
    })
    return { status: response.status, body: (await response.json()) as Answer<Body>["body"] }
  }

  /** @throws Error where it was refused */
  async create(message: object, user?: string): Promise<DirectUpload> {
    const { status, body } = await this.ask<DirectUpload>({ action: "create", ...message }, user)
    if (status !== 200) throw new Error(`create was answered with ${status} ${JSON.stringify(body)}`)
    return body
  }

  complete(token: string, user?: string): Promise<Answer<UploadedFile>> {
    return this.ask<UploadedFile>({ action: "complete", token }, user)
  }

  /** Sends these parts of the file. */
  async sendParts(upload: DirectUpload, bytes: Uint8Array<ArrayBuffer>, numbers: readonly number[]): Promise<void> {
    const { body } = await this.ask<{ parts: SignedPart[] }>({ action: "parts", token: upload.token, numbers })
    const { size } = upload.parts!
    for (const part of body.parts) {
      const status = await sendSigned(part, bytes.subarray((part.number - 1) * size, part.number * size))
      if (status >= 300) throw new Error(`part ${part.number} was answered with ${status}`)
    }
  }

  /** Sends the whole file, in the way that the server has chosen. */
  async send(upload: DirectUpload, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    if (upload.parts) {
      const numbers = Array.from({ length: upload.parts.count }, (_, index) => index + 1)
      return this.sendParts(upload, bytes, numbers)
    }
    const status = await sendSigned(upload.request!, bytes)
    if (status >= 300) throw new Error(`the upload was answered with ${status}`)
  }
}

/** Sends bytes as a browser does. @returns the status */
export async function sendSigned(request: SignedRequest, bytes: Uint8Array<ArrayBuffer>): Promise<number> {
  let body: Uint8Array<ArrayBuffer> | FormData = bytes
  if (request.method === "POST") {
    body = new FormData()
    for (const [name, value] of Object.entries(request.fields)) body.append(name, value)
    body.append("file", new Blob([bytes]), "file")
  }
  const response = await fetch(request.url, { method: request.method, headers: request.headers, body })
  await response.bytes()
  return response.status
}
