import type { Collected, Site } from "./sites.ts"
import { A_MINUTE, AN_HOUR, byServer, FOR_EVER, HASHED_NAME, indented, isWhole, literal, word } from "./text.ts"

const INDENT = "  "

export interface NginxListen {
  readonly listen?: string | undefined
  readonly certificate?: string | undefined
  readonly key?: string | undefined
}

/** The configuration of nginx, as it stands in an `http` block. `docs/deploy/nginx.md` explains each line. */
export function nginxText(sites: readonly Site[], listen: NginxListen): string {
  const parts: string[][] = []
  let hasMediaMap = false
  for (const server of byServer(sites)) {
    const statics = server.find(({ collected }) => collected !== undefined)
    if (statics !== undefined) parts.push(cacheMap(statics))
    if (!hasMediaMap && server.some(({ collected }) => collected === undefined)) {
      parts.push(MEDIA_MAP)
      hasMediaMap = true
    }
    parts.push(serverBlock(server, listen))
  }
  return parts.map((lines) => lines.join("\n")).join("\n\n")
}

function cacheMap({ path, collected }: Site): string[] {
  return [
    "map $uri $static_cache_control {",
    `${INDENT}"~${HASHED_NAME}" "${FOR_EVER}";`,
    ...collected!.bundled.directories.map(
      (directory) => String.raw`${INDENT}"~^${literal(path + directory)}/.+-[\w-]{8}\." "${FOR_EVER}";`,
    ),
    `${INDENT}default "${A_MINUTE}";`,
    "}",
  ]
}

const MEDIA_MAP = [
  "map $sent_http_content_type $media_policy {",
  `${INDENT}"~^(image/(?!svg)|audio/|video/|font/|application/pdf|text/plain)" "";`,
  `${INDENT}default "sandbox";`,
  "}",
]

function serverBlock(sites: readonly Site[], listen: NginxListen): string[] {
  const { host, origin } = sites[0]!
  const head = [...listenLines(listen, origin), `server_name ${word(host ?? "_")};`]
  const [first] = sites
  const body = isWhole(sites)
    ? [`root ${word(first!.folder)};`, "", ...siteLines(first!)]
    : sites.flatMap((site) => ["", ...location(site)])
  return ["server {", ...indented([...head, ...body], INDENT), "}"]
}

function listenLines({ listen, certificate, key }: NginxListen, origin: string | undefined): string[] {
  if (certificate === undefined) return [`listen ${listen ?? portOf(origin)};`]
  return [
    `listen ${listen ?? "443"} ssl http2; # from nginx 1.25.1 on: "listen ${listen ?? "443"} ssl;" and "http2 on;"`,
    `ssl_certificate ${word(certificate)};`,
    `ssl_certificate_key ${word(key!)};`,
  ]
}

/** Where the app's own URLs lead; https needs a certificate first. */
function portOf(origin: string | undefined): string {
  const { protocol, port } = new URL(origin ?? "http://none.invalid")
  return protocol === "http:" && port !== "" ? port : "80"
}

function location(site: Site): string[] {
  const { path, folder } = site
  const head = path === "/" ? "location / {" : `location ^~ ${word(path)} {`
  const place = path === "/" ? `root ${word(folder)};` : `alias ${word(`${folder}/`)};`
  return [head, ...indented([place, "", ...siteLines(site)], INDENT), "}"]
}

function siteLines({ path, collected }: Site): string[] {
  return collected === undefined ? MEDIA_LINES : staticLines(path, collected)
}

function staticLines(path: string, { manifest, encodings }: Collected): string[] {
  const compressed = [
    ...(encodings.includes("gzip") ? ["gzip_static on;"] : []),
    ...(encodings.includes("br") ? ["brotli_static on;"] : []),
  ]
  const own = String.raw`^${literal(path)}(${literal(manifest)}$|\.staticfiles/|\.node-storages/)`
  return [
    ...(compressed.length > 0 ? [...compressed, "gzip_vary on;", ""] : []),
    "add_header Cache-Control $static_cache_control;",
    "add_header X-Content-Type-Options nosniff;",
    "# Pages of another domain use its fonts, and its scripts with integrity.",
    "add_header Access-Control-Allow-Origin *;",
    "add_header Cross-Origin-Resource-Policy cross-origin;",
    "",
    "# What collect and the storage keep for themselves.",
    `location ~ ${/[\s{};]/.test(own) ? `"${own}"` : own} {`,
    `${INDENT}return 404;`,
    "}",
    "# nginx's own table of types does not know these.",
    ...typeLocation(String.raw`\.mjs$`, "text/javascript"),
    ...typeLocation(String.raw`\.webmanifest$`, "application/manifest+json"),
  ]
}

function typeLocation(pattern: string, type: string): string[] {
  return [`location ~ ${pattern} {`, `${INDENT}types { }`, `${INDENT}default_type ${type};`, "}"]
}

const MEDIA_LINES = [
  `add_header Cache-Control "${AN_HOUR}";`,
  "add_header X-Content-Type-Options nosniff;",
  "add_header Content-Security-Policy $media_policy;",
  "",
  "# Records, uploads under way, and whatever else begins with a dot.",
  String.raw`location ~ /\. {`,
  `${INDENT}return 404;`,
  "}",
]
