import type { Line } from "./recorder.ts"

/** What a recording shows. */
export interface Scenario {
  readonly name: string
  readonly lines: readonly Line[]
  /** Of the terminal. Default: 114. */
  readonly columns?: number
  /** Files of the app that all recordings use, which this one does without. */
  readonly without?: readonly string[]
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
  "package.json": '{ "type": "module", "devDependencies": { "typescript": "^6.0.0" } }',
  "storages.config.ts": CONFIG,
  "assets/css/app.css": STYLE,
  "new/app.css": STYLE.replace("1rem", "2rem"),
  "assets/js/app.js": `import { draw } from "./draw.js"\ndraw(document.body)\n`,
  "assets/js/draw.js": `export function draw(node) {\n${'  node.append("drawn")\n'.repeat(60)}}\n`,
  "assets/img/hill.svg": `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 9 4 2l5 7z"/></svg>\n`,
  "media/avatars/ada.png": new Uint8Array(48_213),
  "media/avatars/grace.png": new Uint8Array(51_907),
  "backup/2025/ada.png": new Uint8Array(47_000),
  "media/notes/welcome.txt": "Welcome to Acme.\nPictures go to avatars/, papers to reports/.\n",
  "media/reports/2026-10.pdf": new Uint8Array(310_466),
  "media/reports/2026-11.pdf": new Uint8Array(298_120),
}

const CTRL_C = "\u0003"
const ENTER = "\r"
const UP = "\u001b[A"

/** One for each command. */
export const SCENARIOS: readonly Scenario[] = [
  {
    name: "init",
    without: ["storages.config.ts"],
    lines: [
      {
        args: ["init", "--media", "s3"],
        answers: [
          { shows: "Which bucket", types: `acme-media${ENTER}` },
          { shows: "In which region", types: `eu-west-1${ENTER}` },
          { shows: "Who may read", types: ENTER },
          { shows: "published?", types: `${UP}${ENTER}` },
        ],
      },
    ],
  },
  { name: "check", columns: 134, lines: [{ args: ["check", "backup"] }] },
  {
    name: "collectstatic",
    lines: [{ args: ["collectstatic", "--dry-run"] }, { args: ["collectstatic"] }, { args: ["collectstatic"] }],
  },
  { name: "findstatic", lines: [{ args: ["findstatic", "css/app.css"] }, { args: ["findstatic", "css/ap.css"] }] },
  { name: "ls", lines: [{ args: ["ls", "media:"] }, { args: ["ls", "-l", "media:avatars"] }] },
  { name: "stat", lines: [{ args: ["stat", "media:reports/2026-11.pdf"] }] },
  { name: "cat", lines: [{ args: ["cat", "media:notes/welcome.txt"] }] },
  {
    name: "cp",
    lines: [
      { args: ["cp", "media:reports/2026-11.pdf", "./"] },
      { args: ["cp", "-r", "media:avatars", "backup:2026/avatars"] },
      { args: ["cp", "media:reports/2026-12.pdf", "./"] },
    ],
  },
  {
    name: "mv",
    lines: [{ args: ["mv", "media:avatars/ada.png", "media:avatars/lovelace.png"] }, { args: ["ls", "media:avatars"] }],
  },
  { name: "rm", lines: [{ args: ["rm", "-r", "media:reports"], answers: [{ shows: "Delete 2 files", types: "y" }] }] },
  { name: "sync", lines: [{ args: ["sync", "media:", "backup:"] }, { args: ["sync", "media:", "backup:"] }] },
  { name: "url", lines: [{ args: ["url", "media:avatars/ada.png"] }] },
  { name: "serve", lines: [{ args: ["serve", "media"], answers: [{ shows: "http://", types: CTRL_C }] }] },
  {
    name: "prune",
    lines: [
      { args: ["collectstatic"] },
      { args: ["cp", "./new/app.css", "./assets/css/app.css"] },
      { args: ["collectstatic"] },
      { args: ["prune", "--older-than", "0s", "--keep", "0"], answers: [{ shows: "Delete 3 files", types: "y" }] },
    ],
  },
  { name: "nginx", lines: [{ args: ["nginx"] }] },
  { name: "caddy", lines: [{ args: ["caddy"] }] },
  { name: "completion", lines: [{ args: ["completion", "bash"] }] },
]
