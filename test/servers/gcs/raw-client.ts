/** Plain HTTP for tests of the test server: what the official client would not send can be sent. */
import type { GcsServer } from "./gcs-server.ts"

export interface RawAnswer {
  status: number
  headers: Headers
  text: string
  /** Undefined when the text is none. */
  json: JsonBody | undefined
}

/** What tests look at. */
export interface JsonBody {
  error?: { message?: string; errors?: { reason?: string }[] }
  name?: string
  generation?: string
  metageneration?: string
  items?: { name: string }[]
  prefixes?: string[]
  nextPageToken?: string
  done?: boolean
  rewriteToken?: string
  access_token?: string
  [name: string]: unknown
}

export interface RawOptions {
  headers?: Record<string, string>
  body?: string | Uint8Array<ArrayBuffer> | FormData
  /** Default: that of the account with access. null: none. */
  token?: string | null
}

export interface RawClient {
  send(method: string, path: string, options?: RawOptions): Promise<RawAnswer>
  /** `uploadType=media`. */
  insert(name: string, body: string | Uint8Array<ArrayBuffer>, parameters?: Record<string, string>): Promise<RawAnswer>
  /** `uploadType=multipart`, with this metadata. */
  insertWith(metadata: object, body: string, parameters?: Record<string, string>): Promise<RawAnswer>
  /** The path of an object in the JSON API. */
  object(name: string, parameters?: Record<string, string>): string
}

export function rawClient(server: GcsServer, bucket: string): RawClient {
  const ours = server.accessToken()
  const upload = `/upload/storage/v1/b/${bucket}/o`
  const send: RawClient["send"] = async (method, path, { headers = {}, body, token = ours } = {}) => {
    const authorization: Record<string, string> = token === null ? {} : { authorization: `Bearer ${token}` }
    const url = path.startsWith("http") ? path : server.endpoint + path
    const init = { method, headers: { ...authorization, ...headers }, redirect: "manual" as const }
    const response = await fetch(url, body === undefined ? init : { ...init, body })
    const text = await response.text()
    return { status: response.status, headers: response.headers, text, json: parse(text) }
  }
  return {
    send,
    insert: (name, body, parameters = {}) => {
      const query = new URLSearchParams({ uploadType: "media", name, ...parameters })
      return send("POST", `${upload}?${query.toString()}`, { body, headers: { "content-type": "text/plain" } })
    },
    insertWith: (metadata, content, parameters = {}) => {
      const query = new URLSearchParams({ uploadType: "multipart", ...parameters })
      const head = "Content-Type: application/json; charset=UTF-8\r\n\r\n"
      const media = `Content-Type: text/x-part\r\n\r\n${content}`
      const body = `--mark\r\n${head}${JSON.stringify(metadata)}\r\n--mark\r\n${media}\r\n--mark--`
      const headers = { "content-type": "multipart/related; boundary=mark" }
      return send("POST", `${upload}?${query.toString()}`, { body, headers })
    },
    object: (name, parameters = {}) => {
      const query = new URLSearchParams(parameters).toString()
      return `/storage/v1/b/${bucket}/o/${encodeURIComponent(name)}${query === "" ? "" : `?${query}`}`
    },
  }
}

/** `412 conditionNotMet` */
export function reasonOf({ status, json }: RawAnswer): string {
  return `${status} ${json?.error?.errors?.[0]?.reason ?? ""}`.trim()
}

/** `403 AccessDenied` */
export function codeOf({ status, text }: RawAnswer): string {
  return `${status} ${/<Code>(\w+)</.exec(text)?.[1] ?? ""}`.trim()
}

function parse(text: string): RawAnswer["json"] {
  try {
    return JSON.parse(text) as RawAnswer["json"]
  } catch {
    return undefined
  }
}
