import { createHmac, createSecretKey, hash, type KeyObject } from "node:crypto"
import { Agent, type IncomingMessage, request } from "node:http"
import type { S3Connection } from "../../servers/s3-server.ts"

/** Requests to S3 with nothing between them and node:http but the signature: what a floor is made of. */
export class HandSigned {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 50 })
  readonly #connection: S3Connection
  readonly #url: URL
  #key: { readonly day: string; readonly key: KeyObject } | undefined

  constructor(connection: S3Connection) {
    this.#connection = connection
    this.#url = new URL(connection.endpoint)
  }

  /** @param path with the bucket, and only characters that need no encoding; @param query in the order of its names */
  send(method: string, path: string, query = "", body?: Uint8Array): Promise<IncomingMessage> {
    const digest = hash("sha256", body ?? "")
    const time = new Date().toISOString().replace(/[-:]|\.\d+/g, "")
    const signed = { host: this.#url.host, "x-amz-content-sha256": digest, "x-amz-date": time }
    const lines = Object.entries(signed).map(([name, value]) => `${name}:${value}\n`)
    const names = Object.keys(signed).join(";")
    const canonical = `${method}\n${path}\n${query}\n${lines.join("")}\n${names}\n${digest}`
    const scope = `${time.slice(0, 8)}/${this.#connection.region}/s3/aws4_request`
    const toSign = `AWS4-HMAC-SHA256\n${time}\n${scope}\n${hash("sha256", canonical)}`
    const signature = createHmac("sha256", this.#keyOf(time.slice(0, 8)))
      .update(toSign)
      .digest("hex")
    const credential = `${this.#connection.credentials.accessKeyId}/${scope}`
    const headers = {
      ...signed,
      "content-length": body?.byteLength ?? 0,
      authorization: `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${names}, Signature=${signature}`,
    }
    const { hostname, port } = this.#url
    return new Promise((resolve, reject) => {
      const options = { agent: this.#agent, hostname, port, method, path: query ? `${path}?${query}` : path, headers }
      request(options, resolve).on("error", reject).end(body)
    })
  }

  /** The answer's text. @throws where it is no success */
  async text(...sent: Parameters<HandSigned["send"]>): Promise<string> {
    const answer = await this.send(...sent)
    const chunks: Buffer[] = []
    for await (const chunk of answer as AsyncIterable<Buffer>) chunks.push(chunk)
    const text = Buffer.concat(chunks).toString()
    if ((answer.statusCode ?? 500) >= 300) throw new Error(`${sent[0]} ${sent[1]}: ${answer.statusCode} ${text}`)
    return text
  }

  close(): void {
    this.#agent.destroy()
  }

  /** The key of a day, which is made once. */
  #keyOf(day: string): KeyObject {
    if (this.#key?.day === day) return this.#key.key
    const { region, credentials } = this.#connection
    let key: string | Buffer = `AWS4${credentials.secretAccessKey}`
    for (const part of [day, region, "s3", "aws4_request"]) key = createHmac("sha256", key).update(part).digest()
    this.#key = { day, key: createSecretKey(key as Buffer) }
    return this.#key.key
  }
}
