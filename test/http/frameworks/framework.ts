import { MEBIBYTE, sampleBytes } from "../../sample-bytes.ts"
import type { RawRequest, RawResponse } from "../raw-client.ts"
import type { Site } from "./site.ts"

/**
 * A framework with an app: `site.media` below `/media`, `site.members` below `/private` with the user taken from the
 * header `x-user` by a middleware or hook, `POST /echo` that answers with the JSON that it was sent, a page of its own
 * for what is not there, and the header `X-App: yes` on every answer.
 */
export interface Framework {
  readonly name: string
  /** Starts the app on 127.0.0.1. @returns what stops it */
  readonly start: (site: Site, port: number) => Promise<() => Promise<void> | void>
  /** Default: true, what is no file is left to the app. */
  readonly fallsThrough?: boolean
  /** What the app's page for what is not there says. Default: OWN_404. */
  readonly own404?: string
  /** Whether the framework itself answers 500 to a path with broken escapes. Default: false. */
  readonly failsOnBrokenEscapes?: boolean
  /** Default: true, uploads may come without `Content-Length`. */
  readonly takesUnknownLengths?: boolean
  /** Default: true, `Content-Length` and `Content-Encoding` are sent as the handler gives them. */
  readonly keepsFraming?: boolean
  /** Tests of what this framework alone has. */
  readonly also?: (running: () => Running) => void
}

/** The running app. */
export interface Running {
  readonly framework: Framework
  readonly site: Site
  readonly port: number
  readonly ask: (path: string, request?: RawRequest) => Promise<RawResponse>
}

export const PAGE = "<!doctype html><title>Docs</title>"
export const TEXT = "0123456789".repeat(100)
/** Every character that means something in a URL, and some of other alphabets. */
export const ODD_NAME = "odd names/a b+c#d?e&f%20=ü~日本'(1).txt"
export const LARGE = sampleBytes(3 * MEBIBYTE + 17)
