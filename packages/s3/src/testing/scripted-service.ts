import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import type { S3Client } from "@aws-sdk/client-s3"
import { afterAll, beforeAll, beforeEach } from "vitest"
import { BucketAccess } from "../bucket-access.ts"
import { createClient } from "../client.ts"
import { DirectRequests } from "../requests/direct-requests.ts"
import { type ObjectRequests, officialRequests } from "../requests/object-requests.ts"
import { OwnClient } from "../requests/own-client.ts"
import type { S3StorageOptions } from "../s3-options.ts"

/** What a client gives to its request handler. */
export interface RecordedRequest {
  readonly method: string
  readonly protocol: string
  readonly hostname: string
  readonly port?: number | undefined
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  readonly headers: Readonly<Record<string, string>>
  readonly body?: unknown
}

export interface ScriptedAnswer {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** The connection is cut after the answer's head. */
  readonly cut?: boolean
}

/** A service that answers by a script, whose last line repeats, wherever its clients believe it to be. */
export class ScriptedService {
  script: readonly ScriptedAnswer[] = [{}]
  readonly #server: Server
  #answered = 0

  constructor() {
    this.#server = createServer((request, response) => {
      request.resume().on("end", () => {
        const { status = 200, headers = {}, body = "", cut } = this.script[this.#answered++] ?? this.script.at(-1)!
        // By the clock of the test, which may be a false one.
        response.writeHead(status, {
          date: new Date().toUTCString(),
          ...(cut && { "content-length": "100" }),
          ...headers,
        })
        if (!cut) return void response.end(request.method === "HEAD" ? undefined : body)
        response.flushHeaders()
        setTimeout(() => response.destroy(), 10)
      })
    })
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve))
  }

  stop(): void {
    this.#server.closeAllConnections()
    this.#server.close()
  }

  answers(...script: readonly ScriptedAnswer[]): void {
    this.script = script
    this.#answered = 0
  }

  /** Sends what the client sends to here, and notes it. */
  record(client: S3Client): RecordedRequest[] {
    const { requestHandler } = client.config
    const requests: RecordedRequest[] = []
    const { port } = this.#server.address() as AddressInfo
    const handle: typeof requestHandler.handle = (request, options) => {
      requests.push({ ...(request as unknown as RecordedRequest) })
      return requestHandler.handle({ ...request, protocol: "http:", hostname: "127.0.0.1", port } as never, options)
    }
    client.config.requestHandler = { handle, destroy: () => requestHandler.destroy?.() } as never
    return requests
  }

  /** The same requests by the official client and by ours. */
  async bothWays(bucket: string, options: S3StorageOptions, configure?: (client: S3Client) => void): Promise<BothWays> {
    const [theirs, ours] = [createClient(options), createClient(options)]
    configure?.(theirs)
    configure?.(ours)
    const sent = { official: this.record(theirs), direct: this.record(ours) }
    let byOwnClient = 0
    ours.middlewareStack.add((next) => (args) => (byOwnClient++, next(args)), { step: "initialize", name: "counting" })
    const own = new OwnClient(ours)
    const compatible = options.endpoint !== undefined
    const direct = new DirectRequests(own, new BucketAccess(() => ours, bucket), bucket, compatible)
    // The first request is the client's own: here it is over.
    this.answers({})
    await direct.head({ Bucket: bucket, Key: "first" })
    sent.direct.length = byOwnClient = 0
    return { official: officialRequests(theirs), direct, own, sent, byOwnClient: () => byOwnClient }
  }
}

export interface BothWays {
  readonly official: ObjectRequests
  readonly direct: ObjectRequests
  readonly own: OwnClient
  readonly sent: { readonly official: RecordedRequest[]; readonly direct: RecordedRequest[] }
  /** How many requests the official client behind `direct` has done. */
  readonly byOwnClient: () => number
}

/** A service for the tests of a file, which answers 200 at the beginning of each. */
export function useScriptedService(): ScriptedService {
  const service = new ScriptedService()
  beforeAll(() => service.start())
  beforeEach(() => service.answers({}))
  afterAll(() => service.stop())
  return service
}
