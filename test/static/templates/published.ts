import { joinUrl } from "@node-storages/core"
import { StaticFiles } from "@node-storages/static"

/** Has every character that HTML treats in its own way. */
export const AWKWARD = `img/<a> "b" & 'c'.png`

/** Its URLs have an `&`, which must be escaped in an attribute. */
export const files: StaticFiles = StaticFiles.fromManifest(
  {
    version: 1,
    files: {
      "css/app v2.css": { name: "css/app v2.1a.css", size: 1, integrity: "sha256-css+/=" },
      "js/app.js": { name: "js/app.2b.js", size: 1, integrity: "sha256-js" },
      [AWKWARD]: { name: AWKWARD.replace(".png", ".3c.png"), size: 1, integrity: "sha256-png" },
    },
  },
  { url: (name) => joinUrl("https://cdn.example.com/s?a=1&b=2", name) },
)

/** What attributes hold once the browser has read them. */
export function attributeValues(page: string): string[] {
  const entities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" }
  return [...page.matchAll(/=(?:"([^"]*)"|'([^']*)')/g)].map((match) =>
    (match[1] ?? match[2]!).replace(
      /&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi,
      (_, hex?: string, decimal?: string, name?: string) =>
        name === undefined ? String.fromCodePoint(hex ? Number.parseInt(hex, 16) : Number(decimal)) : entities[name]!,
    ),
  )
}

/** What the page of each engine must come to. */
export const LINK_URL = "https://cdn.example.com/s/css/app%20v2.1a.css?a=1&b=2"
export const AWKWARD_URL = `https://cdn.example.com/s/img/%3Ca%3E%20%22b%22%20%26%20'c'.3c.png?a=1&b=2`
export const SCRIPT =
  '<script type="module" src="https://cdn.example.com/s/js/app.2b.js?a=1&amp;b=2" ' +
  'integrity="sha256-js" crossorigin defer nonce="&quot;x&quot;"></script>'
export const STYLE =
  '<link rel="stylesheet" href="https://cdn.example.com/s/css/app%20v2.1a.css?a=1&amp;b=2" ' +
  'integrity="sha256-css+/=" crossorigin>'
/** What a render fails with for `"css/app v3.css"`. */
export const SUGGESTION = 'No static file "css/app v3.css" is in the manifest. Did you mean "css/app v2.css"?'
