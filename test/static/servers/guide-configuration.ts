import { readFileSync } from "node:fs"
import { join } from "node:path"
import { parseDocument, ROOT } from "../../docs/markdown.ts"

const NGINX_GUIDE = "docs/deploy/nginx.md"
const CADDY_GUIDE = "docs/deploy/caddy.md"

/** The configuration of nginx that the guide shows, for this folder and port. */
export function nginxConfiguration(folder: string, port: number): string {
  return adapted(NGINX_GUIDE, "nginx", 0, {
    "listen 80;": `listen 127.0.0.1:${port};`,
    "root /srv/app/public/static;": `root ${folder};`,
  })
}

/** The configuration of Caddy that the guide shows, for this folder and port. */
export function caddyConfiguration(folder: string, port: number): string {
  return adapted(CADDY_GUIDE, "caddy", 0, {
    "static.example.com {": `http://127.0.0.1:${port} {`,
    "root * /srv/app/public/static": `root * ${folder}`,
  })
}

/** The lines of the guide on nginx for TLS and HTTP/2, for this port, certificate and key. */
export function nginxTls(port: number, certificate: string, key: string): string {
  return adapted(NGINX_GUIDE, "nginx", 1, {
    "listen 443 ssl http2;": `listen 127.0.0.1:${port} ssl http2;`,
    "/etc/ssl/static.example.com/fullchain.pem": certificate,
    "/etc/ssl/static.example.com/key.pem": key,
  })
}

/** The servers of the guide on nginx for an app with private media, and for public media. */
export function nginxMedia(folder: string, port: number, appPort: number): string {
  const app = adapted(NGINX_GUIDE, "nginx", 2, {
    "listen 80;": `listen 127.0.0.1:${port};`,
    "http://127.0.0.1:3000": `http://127.0.0.1:${appPort}`,
    "alias /srv/media/;": `alias ${folder}/;`,
  })
  const media = adapted(NGINX_GUIDE, "nginx", 3, {
    "listen 80;": `listen 127.0.0.1:${port};`,
    "root /srv/media/public;": `root ${folder}/public;`,
  })
  return `${app}\n${media}`
}

/** A guide's block of this language, by its number, with what it says of its place replaced. */
function adapted(
  path: string,
  language: string,
  number: number,
  replacements: Readonly<Record<string, string>>,
): string {
  const guide = parseDocument(path, readFileSync(join(ROOT, path), "utf8"))
  const block = guide.blocks.filter(({ info }) => info[0] === language)[number]
  if (block === undefined) throw new Error(`${path} has no block ${number} of ${language}.`)
  let configuration = block.code.join("\n")
  for (const [shown, meant] of Object.entries(replacements)) {
    if (!configuration.includes(shown)) throw new Error(`${path} does not show "${shown}" to ${language}.`)
    configuration = configuration.replace(shown, () => meant)
  }
  return configuration
}
