import { createHmac, hash } from "node:crypto"
import { Agent, type IncomingMessage, request } from "node:http"
import type { Context } from "../harness/row.ts"

/** How many requests are under way at once. */
export const AT_ONCE = 32

interface Signing {
  readonly date: string
  readonly key: Buffer
}

interface Listed {
  readonly size: number
  /** The entity tag of an object that was put in one piece. */
  readonly md5: string
}

const ENTRY = /<Key>([^<]*)<\/Key>.*?<ETag>&quot;(\w+)&quot;<\/ETag>.*?<Size>(\d+)<\/Size>/gs

/** A client of a bucket as short as one can be: signatures by two hashes, connections that are kept, no retries. */
export class BucketByHand {
  readonly #s3: Context["s3"]
  readonly #agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE })
  #signing: Signing | undefined

  constructor(s3: Context["s3"]) {
    this.#s3 = s3
  }

  async put(key: string, bytes: Uint8Array, headers: Readonly<Record<string, string>> = {}): Promise<void> {
    await this.#send("PUT", key, "", { ...headers, "content-length": String(bytes.byteLength) }, bytes)
  }

  async get(key: string): Promise<Buffer> {
    return this.#send("GET", key, "", {})
  }

  /** All keys below a prefix, and what the listing tells of them. */
  async list(prefix: string): Promise<Map<string, Listed>> {
    const found = new Map<string, Listed>()
    let token = ""
    do {
      const from = token === "" ? "" : `continuation-token=${encodeURIComponent(token)}&`
      const text = String(await this.#send("GET", "", `${from}list-type=2&prefix=${encodeURIComponent(prefix)}`, {}))
      for (const [, key, md5, size] of text.matchAll(ENTRY)) found.set(key!, { size: Number(size), md5: md5! })
      token = /<NextContinuationToken>([^<]*)</.exec(text)?.[1] ?? ""
    } while (token !== "")
    return found
  }

  close(): void {
    this.#agent.destroy()
  }

  #send(
    method: string,
    key: string,
    query: string,
    headers: Readonly<Record<string, string>>,
    body?: Uint8Array,
  ): Promise<Buffer> {
    const { endpoint, bucket } = this.#s3
    const path = `/${bucket}/${key.split("/").map(encodeURIComponent).join("/")}`
    const url = new URL(endpoint)
    const signed = this.#signed(method, url.host, path, query, body)
    const options = {
      agent: this.#agent,
      host: url.hostname,
      port: url.port,
      method,
      headers: { ...headers, ...signed },
    }
    return new Promise((resolve, reject) => {
      const sent = request({ ...options, path: query === "" ? path : `${path}?${query}` }, (answer) => {
        read(answer, `${method} ${path}`).then(resolve, reject)
      })
      sent.on("error", reject).end(body)
    })
  }

  /** https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html */
  #signed(method: string, host: string, path: string, query: string, body: Uint8Array = new Uint8Array()) {
    const time = new Date().toISOString().replace(/[-:]|\.\d+/g, "")
    const digest = hash("sha256", body)
    const names = "host;x-amz-content-sha256;x-amz-date"
    const canonical = [method, path, query, `host:${host}`, `x-amz-content-sha256:${digest}`, `x-amz-date:${time}`]
    const text = [...canonical, "", names, digest].join("\n")
    const { region, credentials } = this.#s3
    const scope = `${time.slice(0, 8)}/${region}/s3/aws4_request`
    const toSign = `AWS4-HMAC-SHA256\n${time}\n${scope}\n${hash("sha256", text)}`
    const signature = createHmac("sha256", this.#key(time.slice(0, 8)))
      .update(toSign)
      .digest("hex")
    return {
      "x-amz-date": time,
      "x-amz-content-sha256": digest,
      authorization: `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/${scope},SignedHeaders=${names},Signature=${signature}`,
    }
  }

  /** It is the same for a day. */
  #key(date: string): Buffer {
    if (this.#signing?.date !== date) {
      const { region, credentials } = this.#s3
      let key: string | Buffer = `AWS4${credentials.secretAccessKey}`
      for (const part of [date, region, "s3", "aws4_request"]) key = createHmac("sha256", key).update(part).digest()
      this.#signing = { date, key: key as Buffer }
    }
    return this.#signing.key
  }
}

async function read(answer: IncomingMessage, what: string): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of answer as AsyncIterable<Buffer>) chunks.push(chunk)
  const body = Buffer.concat(chunks)
  if (answer.statusCode !== 200) throw new Error(`${what}: ${answer.statusCode} ${body.toString()}`)
  return body
}
