import { checkBaseUrl, nameProblem, OCTET_STREAM, type OptionNames, typeOfName } from "@node-storages/core"
import type { SourceFile } from "../source.ts"
import { checked, checkKnown } from "../option-checks.ts"

export interface DevelopmentHandlerOptions {
  /** Where files are asked for: `"/static/"`. Of an absolute URL the path counts. */
  readonly baseUrl: string
  /** The file of a name: the `find` of a source, or of a `DevelopmentIndex`. Asked for legal names only. */
  readonly find: (name: string) => Promise<SourceFile | undefined>
}

/** Answers a request, or gives undefined where it is none of its own: the app goes on. */
export type DevelopmentHandler = (request: Request) => Promise<Response | undefined>

const OPTIONS: OptionNames<DevelopmentHandlerOptions> = { baseUrl: true, find: true }

/**
 * Serves the sources' files as they are, for development: whole, to GET and HEAD, and never from a cache. Undefined for
 * other methods, other paths, files that don't exist, and paths that are no legal names (`%2e%2e`, `%2F`, `%5C`).
 * @throws StaticError `invalid-option`; the handler rejects with what `find` and reading throw
 */
export function developmentHandler(options: DevelopmentHandlerOptions): DevelopmentHandler {
  checkKnown("developmentHandler()", options, OPTIONS)
  const { find } = options
  const baseUrl = checked(() => checkBaseUrl(options.baseUrl, "developmentHandler()"))
  const basePath = `${new URL(baseUrl, "http://localhost").pathname.replace(/\/+$/, "")}/`
  return async (request) => {
    if (request.method !== "GET" && request.method !== "HEAD") return undefined
    const name = nameOf(new URL(request.url).pathname, basePath)
    const file = name === undefined ? undefined : await find(name)
    return file && answer(file, request.method)
  }
}

function nameOf(path: string, basePath: string): string | undefined {
  if (!path.startsWith(basePath)) return undefined
  const segments: string[] = []
  for (const encoded of path.slice(basePath.length).split("/")) {
    const segment = decoded(encoded)
    // A slash that was encoded is in no URL of a legal name: it comes from someone who tries doors.
    if (segment === undefined || segment.includes("/")) return undefined
    segments.push(segment)
  }
  const name = segments.join("/")
  return nameProblem(name) === undefined ? name : undefined
}

function decoded(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment)
  } catch {
    return undefined
  }
}

async function answer(file: SourceFile, method: "GET" | "HEAD"): Promise<Response> {
  const bytes = await file.read()
  const headers = {
    "content-type": contentType(file.name),
    "content-length": String(bytes.byteLength),
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
  }
  return new Response(method === "HEAD" ? null : (bytes as Uint8Array<ArrayBuffer>), { headers })
}

/** Sources are written in UTF-8: without a charset browsers guess for what is no module, and guess wrong. */
function contentType(name: string): string {
  const type = typeOfName(name) ?? OCTET_STREAM
  return type.startsWith("text/") ? `${type}; charset=utf-8` : type
}
