import type { Collected, Site } from "./sites.ts"
import { A_MINUTE, AN_HOUR, byServer, FOR_EVER, HASHED_NAME, indented, isWhole, literal, word } from "./text.ts"

const INDENT = "\t"

/** The configuration of Caddy. `docs/deploy/caddy.md` explains it. */
export function caddyText(sites: readonly Site[]): string {
  return byServer(sites)
    .map((server) => siteBlock(server).join("\n"))
    .join("\n\n")
}

function siteBlock(sites: readonly Site[]): string[] {
  const [first] = sites
  const body = isWhole(sites) ? siteLines(first!) : located(sites)
  return [`${addressOf(first!)} {`, ...indented(body, INDENT), "}"]
}

/** Each at its path. What is at the root takes all that is left; without `route`, Caddy would ask it first. */
function located(sites: readonly Site[]): string[] {
  const inOrder = sites.toSorted((a, b) => b.path.length - a.path.length)
  const blocks = inOrder.flatMap((site, index) => [...(index > 0 ? [""] : []), ...handle(site)])
  return inOrder.at(-1)!.path === "/" ? ["route {", ...indented(blocks, INDENT), "}"] : blocks
}

/** Caddy gets a certificate for a name without scheme. */
function addressOf({ origin }: Site): string {
  return origin === undefined ? ":80" : origin.replace(/^https:\/\//, "")
}

function handle(site: Site): string[] {
  const head = site.path === "/" ? "handle {" : `handle_path ${word(`${site.path}*`)} {`
  return [head, ...indented(siteLines(site), INDENT), "}"]
}

function siteLines({ folder, collected }: Site): string[] {
  const root = `root * ${word(folder)}`
  return [root, "", ...(collected === undefined ? MEDIA_LINES : staticLines(collected))]
}

function staticLines({ manifest, encodings, bundled }: Collected): string[] {
  const vary = ["# Caddy itself tells it of compressed answers only.", "Vary Accept-Encoding"]
  const names = bundled.directories.map((directory) => String.raw`~^/${literal(directory)}/.+-[\w-]{8}\. "${FOR_EVER}"`)
  const isCompressed = encodings.length > 0
  return [
    "map {path} {cache_control} {",
    ...indented([`~${HASHED_NAME} "${FOR_EVER}"`, ...names, `default "${A_MINUTE}"`], INDENT),
    "}",
    "header {",
    ...indented(
      [
        "Cache-Control {cache_control}",
        ...(isCompressed ? vary : []),
        "X-Content-Type-Options nosniff",
        "# Pages of another domain use its fonts, and its scripts with integrity.",
        "Access-Control-Allow-Origin *",
        "Cross-Origin-Resource-Policy cross-origin",
        "# Not sent with errors: browsers would keep a 404 for a year.",
        "defer",
      ],
      INDENT,
    ),
    "}",
    "# Caddy's own table of types does not know it.",
    "@webmanifest path *.webmanifest",
    "header @webmanifest Content-Type application/manifest+json",
    "",
    "# What collect and the storage keep for themselves.",
    `@own path ${word(`/${manifest}`)} /.staticfiles/* /.node-storages/*`,
    "error @own 404",
    "",
    ...(isCompressed ? ["file_server {", `${INDENT}precompressed br zstd gzip`, "}"] : ["file_server"]),
  ]
}

/** Shown by browsers, and not run: by the extension, as Caddy tells the type by it. */
const SHOWN =
  "avif|bmp|gif|heic|ico|jpe?g|png|tiff?|webp|aac|flac|m4a|mp3|oga|ogg|opus|wav|m4v|mkv|mov|mp4|ogv|webm|" +
  "otf|ttf|woff2?|pdf|txt"

const MEDIA_LINES = [
  "header {",
  ...indented(
    [`Cache-Control "${AN_HOUR}"`, "X-Content-Type-Options nosniff", "# Not sent with errors.", "defer"],
    INDENT,
  ),
  "}",
  "# What browsers run (HTML, SVG, XML) does nothing.",
  String.raw`@sandboxed not path_regexp (?i)\.(${SHOWN})$`,
  "header @sandboxed Content-Security-Policy sandbox",
  "",
  "# Records, uploads under way, and whatever else begins with a dot.",
  String.raw`@hidden path_regexp /\.`,
  "error @hidden 404",
  "",
  "file_server",
]
