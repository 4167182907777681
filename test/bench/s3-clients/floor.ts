import { createHmac, createSecretKey, hash, type KeyObject } from "node:crypto"
import { Agent, type IncomingMessage, request, type RequestOptions } from "node:http"
import type { Context } from "../harness/row.ts"
import type { MakeClient } from "./object-client.ts"

const EMPTY = hash("sha256", "")

/** Signed requests on node:http with one connection that is kept, and nothing else: no retries, no errors but one. */
export const floor: MakeClient = (s3) => {
  const send = sender(s3)
  const path = `/${s3.bucket}`
  return {
    put: (name, bytes) => send("PUT", `${path}/${name}`, "", bytes),
    get: (name) => send("GET", `${path}/${name}`, ""),
    exists: async (name) => (await send("HEAD", `${path}/${name}`, "")).byteLength === 0,
    async list() {
      let count = 0
      for (let token: string | undefined = ""; token !== undefined;) {
        const after: string = token && `continuation-token=${encodeURIComponent(token)}&`
        const text: string = (await send("GET", path, `${after}list-type=2`)).toString()
        for (const _ of text.matchAll(/<Contents><Key>([^<]*)<\/Key>/g)) count++
        token = /<NextContinuationToken>([^<]*)</.exec(text)?.[1]
      }
      return count
    },
    async deleteMany(names) {
      const batches = Array.from({ length: Math.ceil(names.length / 1000) }, (_, index) =>
        names.slice(index * 1000, index * 1000 + 1000),
      )
      const bodyOf = (batch: readonly string[]) =>
        Buffer.from(
          `<Delete>${batch.map((name) => `<Object><Key>${name}</Key></Object>`).join("")}<Quiet>true</Quiet></Delete>`,
        )
      await Promise.all(batches.map((batch) => send("POST", path, "delete=", bodyOf(batch))))
    },
  }
}

/** @returns the answer's body; anything but a 200 or 204 is an error */
function sender({ endpoint, region, credentials }: Context["s3"]) {
  const { hostname, port, host } = new URL(endpoint)
  const agent = new Agent({ keepAlive: true, maxSockets: 16 })
  const keyOf = dailyKey(credentials.secretAccessKey, region)
  return async (method: string, path: string, query: string, body?: Buffer): Promise<Buffer> => {
    const time = `${new Date().toISOString().slice(0, 19).replace(/[-:]/g, "")}Z`
    const day = time.slice(0, 8)
    const payload = body ? hash("sha256", body) : EMPTY
    const names = "host;x-amz-content-sha256;x-amz-date"
    const canonical = `${method}\n${path}\n${query}\nhost:${host}\nx-amz-content-sha256:${payload}\nx-amz-date:${time}\n\n${names}\n${payload}`
    const scope = `${day}/${region}/s3/aws4_request`
    const signature = createHmac("sha256", keyOf(day))
      .update(`AWS4-HMAC-SHA256\n${time}\n${scope}\n${hash("sha256", canonical)}`)
      .digest("hex")
    const headers = {
      host,
      "x-amz-content-sha256": payload,
      "x-amz-date": time,
      authorization: `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature}`,
      ...(body && { "content-length": body.byteLength }),
    }
    return exchange({ agent, hostname, port, method, path: query ? `${path}?${query}` : path, headers }, body)
  }
}

function exchange(options: RequestOptions, body: Buffer | undefined): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const sent = request(options, (answer: IncomingMessage) => {
      const chunks: Buffer[] = []
      answer.on("data", (chunk: Buffer) => chunks.push(chunk))
      answer.on("error", reject)
      answer.on("end", () => {
        if (answer.statusCode! >= 300)
          return reject(new Error(`${options.method} ${options.path}: ${answer.statusCode}`))
        resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks))
      })
    })
    sent.on("error", reject)
    sent.end(body)
  })
}

function dailyKey(secret: string, region: string): (day: string) => KeyObject {
  const hmac = (key: string | Buffer, text: string) => createHmac("sha256", key).update(text).digest()
  let [kept, key]: [string, KeyObject | undefined] = ["", undefined]
  return (day) => {
    if (day !== kept) {
      key = createSecretKey(hmac(hmac(hmac(hmac(`AWS4${secret}`, day), region), "s3"), "aws4_request"))
      kept = day
    }
    return key!
  }
}
