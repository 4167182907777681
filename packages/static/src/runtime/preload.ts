import { typeOfName } from "@node-storages/core"
import { encodeUnsafe } from "./url-suffix.ts"

/** A file that a page will need. */
export interface PreloadedFile {
  /** Its extension tells what it is loaded as. */
  readonly name: string
  readonly url: string
  /** Where the page asks for it with an integrity, that. */
  readonly integrity?: string | undefined
  /** False for a script that is no module. Default: true. */
  readonly module?: boolean | undefined
}

/**
 * A `Link` header (RFC 8288) that preloads these files, in this order; those that browsers don't preload are left out.
 * https://html.spec.whatwg.org/multipage/links.html#link-type-preload
 */
export function linkHeader(files: Iterable<PreloadedFile>): string {
  return Array.from(files, linkValue)
    .filter((value) => value !== undefined)
    .join(", ")
}

function linkValue({ name, url, integrity, module = true }: PreloadedFile): string | undefined {
  const parameters = parametersOf(name, module)
  if (parameters === undefined) return undefined
  const crossorigin = parameters.includes("crossorigin") || !integrity ? [] : ["crossorigin"]
  const digest = integrity ? [`integrity="${integrity}"`] : []
  return [`<${encodeUnsafe(url)}>`, ...parameters, ...crossorigin, ...digest].join("; ")
}

/** Modules, fonts and `fetch` ask across origins always, other scripts, styles and images don't: the preload must ask alike. */
function parametersOf(name: string, module: boolean): readonly string[] | undefined {
  const type = typeOfName(name) ?? ""
  if (type === "text/javascript" || type === "application/javascript") {
    return module ? ["rel=modulepreload", "as=script", "crossorigin"] : ["rel=preload", "as=script"]
  }
  if (type === "text/css") return ["rel=preload", "as=style"]
  if (type.startsWith("image/")) return ["rel=preload", "as=image"]
  if (type.startsWith("font/")) return ["rel=preload", "as=font", `type="${type}"`, "crossorigin"]
  // Source maps are JSON too, but nothing loads them with the page.
  if (type === "application/wasm" || type === "application/json") {
    return name.endsWith(".map") ? undefined : ["rel=preload", "as=fetch", "crossorigin"]
  }
  return undefined
}
