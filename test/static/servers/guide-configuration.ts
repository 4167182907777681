import { readFileSync } from "node:fs"
import { join } from "node:path"
import { parseDocument, ROOT } from "../../docs/markdown.ts"

/** The configuration of nginx that the guide shows, for this folder and port. */
export function nginxConfiguration(folder: string, port: number): string {
  return adapted("nginx", {
    "listen 80;": `listen 127.0.0.1:${port};`,
    "root /srv/app/public/static;": `root ${folder};`,
  })
}

/** The configuration of Caddy that the guide shows, for this folder and port. */
export function caddyConfiguration(folder: string, port: number): string {
  return adapted("caddy", {
    "static.example.com {": `http://127.0.0.1:${port} {`,
    "root * /srv/app/public/static": `root * ${folder}`,
  })
}

/** The guide's block of this language, with what it says of its place replaced. */
function adapted(language: string, replacements: Readonly<Record<string, string>>): string {
  const guide = parseDocument("docs/static.md", readFileSync(join(ROOT, "docs/static.md"), "utf8"))
  const block = guide.blocks.find(({ info }) => info[0] === language)
  if (block === undefined) throw new Error(`docs/static.md has no block of ${language}.`)
  let configuration = block.code.join("\n")
  for (const [shown, meant] of Object.entries(replacements)) {
    if (!configuration.includes(shown)) throw new Error(`docs/static.md does not show "${shown}" to ${language}.`)
    configuration = configuration.replace(shown, () => meant)
  }
  return configuration
}
