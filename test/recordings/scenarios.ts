import type { Line } from "./recorder.ts"

/** What a recording shows. */
export interface Scenario {
  readonly name: string
  readonly lines: readonly Line[]
  /** Files beside those of the app that all recordings use. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>
}

const CONFIG = `import { defineStorages, LocalStorage } from "node-storages"
import { defineStatic } from "node-storages/static"

export const storages = defineStorages({
  media: () => new LocalStorage("media", { baseUrl: "https://media.example.com/" }),
  static: () => new LocalStorage("public/static", { baseUrl: "https://static.example.com/" }),
  backup: () => new LocalStorage("backup"),
})
export const staticConfig = defineStatic({ storage: storages.static, sources: ["assets"] })
`

const STYLE = `body { background: url("../img/hill.svg") }\n${".card { padding: 1rem; border-radius: 4px }\n".repeat(40)}`

/** An app with media, and static files that are collected. */
export const APP: Readonly<Record<string, string | Uint8Array>> = {
  "package.json": '{ "type": "module" }',
  "storages.config.ts": CONFIG,
  "assets/css/app.css": STYLE,
  "assets/js/app.js": `import { draw } from "./draw.js"\ndraw(document.body)\n`,
  "assets/js/draw.js": `export function draw(node) {\n${'  node.append("drawn")\n'.repeat(60)}}\n`,
  "assets/img/hill.svg": `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 9 4 2l5 7z"/></svg>\n`,
  "media/avatars/ada.png": new Uint8Array(48_213),
  "media/avatars/grace.png": new Uint8Array(51_907),
  "media/reports/2026-10.pdf": new Uint8Array(310_466),
  "media/reports/2026-11.pdf": new Uint8Array(298_120),
}

export const SCENARIOS: readonly Scenario[] = [
  { name: "ls", lines: [{ args: ["ls", "media:"] }, { args: ["ls", "-l", "media:avatars"] }] },
  {
    name: "url",
    lines: [{ args: ["url", "media:avatars/ada.png"] }],
  },
]
