import { request as requestHttp, type IncomingMessage } from "node:http"
import { request as requestHttps } from "node:https"
import { CheckProblem } from "./step.ts"

export interface Asked {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array
  readonly signal: AbortSignal
}

export interface Answer {
  readonly status: number
  header(name: string): string | undefined
  /** As it was sent, not decoded; at most 1 MiB of it. */
  readonly body: Uint8Array
}

const MOST_BYTES = 1024 * 1024
const MOST_REDIRECTS = 5

/**
 * One HTTP request as it is told, with the answer's headers and bytes as they come. Redirects are followed for GET, as
 * browsers do.
 * @throws CheckProblem `network` where nobody answers
 */
export async function ask(url: string, asked: Asked): Promise<Answer> {
  let target = url
  for (let redirects = 0; ; redirects++) {
    const answer = await askOnce(target, asked)
    const location = answer.header("location")
    const follows = (asked.method ?? "GET") === "GET" && answer.status >= 300 && answer.status < 400
    if (!follows || location === undefined || redirects === MOST_REDIRECTS) return answer
    target = new URL(location, target).href
  }
}

async function askOnce(url: string, { method = "GET", headers = {}, body, signal }: Asked): Promise<Answer> {
  const { protocol, host } = new URL(url)
  const send = protocol === "https:" ? requestHttps : requestHttp
  try {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      // A connection of its own: none is kept open behind the check.
      const request = send(url, { method, headers, signal, agent: false }, resolve)
      request.on("error", reject)
      request.end(body)
    })
    const chunks: Uint8Array[] = []
    let size = 0
    for await (const chunk of response as AsyncIterable<Uint8Array>) {
      chunks.push(chunk)
      size += chunk.byteLength
      if (size > MOST_BYTES) break
    }
    const header = (name: string): string | undefined => [response.headers[name]].flat().join(", ") || undefined
    return { status: response.statusCode ?? 0, header, body: Buffer.concat(chunks) }
  } catch (error) {
    if (signal.aborted) throw error
    const { code, message } = error as NodeJS.ErrnoException
    throw new CheckProblem("network", `${host} does not answer (${code ?? message})`)
  }
}

/** A URL as it may be shown: its query may sign for somebody. */
export function shownUrl(url: string): string {
  return url.replace(/[?#].*$/, "")
}

export function isAbsolute(url: string): boolean {
  return /^https?:\/\//i.test(url)
}

export function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.from(one.buffer, one.byteOffset, one.byteLength).equals(other)
}

/** The code of an XML error, as S3, Google and Azure send it: `AccessDenied`. */
function serviceCode({ body }: Answer): string | undefined {
  return /<Code>([\w.-]{1,80})<\/Code>/.exec(Buffer.from(body.subarray(0, 4096)).toString())?.[1]
}

/** `"403 AccessDenied"` */
export function statusOf(answer: Answer): string {
  const code = serviceCode(answer)
  return code === undefined ? String(answer.status) : `${answer.status} ${code}`
}
