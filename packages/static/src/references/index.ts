import { cssReader } from "./css.ts"
import { htmlReader } from "./html.ts"
import { javaScriptReader } from "./javascript.ts"
import type { ReferenceReader } from "./reference.ts"
import { svgReader } from "./svg.ts"
import { webManifestReader } from "./web-manifest.ts"

/** Source maps have no reader: their `sources` are names for debuggers, and `file` is one too. They are left as they are. */
const READERS: readonly ReferenceReader[] = [cssReader, javaScriptReader, htmlReader, svgReader, webManifestReader]

const BY_EXTENSION: ReadonlyMap<string, ReferenceReader> = new Map(
  READERS.flatMap((reader) => reader.extensions.map((extension) => [extension, reader] as const)),
)

/** The older name of web manifests. Others of this name have no lists of pictures. */
const WEB_MANIFEST = /(?:^|\/)manifest\.json$/

/** Who reads a file of this name, by its last extension in any case: `"css/app.min.CSS"`. */
export const readerOf = (name: string): ReferenceReader | undefined => {
  if (WEB_MANIFEST.test(name)) return webManifestReader
  const dot = name.lastIndexOf(".")
  return dot === -1 ? undefined : BY_EXTENSION.get(name.slice(dot).toLowerCase())
}
