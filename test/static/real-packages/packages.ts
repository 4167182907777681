import { join } from "node:path"
import { fileURLToPath } from "node:url"
import type { StaticOptions } from "@node-storages/static"

/** Published as their authors publish them, all files of each: more than 10,000. */
const REAL_PACKAGES = [
  "@fortawesome/fontawesome-free",
  "@mathjax/mathjax-newcm-font",
  "bootstrap",
  "jquery",
  "jquery-ui-dist",
  "katex",
  "leaflet",
  "mathjax",
  "monaco-editor",
  "pdfjs-dist",
  "swagger-ui-dist",
  "three",
  "tinymce",
]

const folderOf = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** Each package below its own name, and pages that use them. */
const SOURCES: readonly { readonly folder: string; readonly prefix: string }[] = [
  ...REAL_PACKAGES.map((name) => ({ folder: folderOf(`node_modules/${name}`), prefix: name })),
  { folder: folderOf("site"), prefix: "" },
]

/** The options of a collect of all. What the package manager puts beside the files is no part of a package. */
export const REAL_TREE: Readonly<Pick<StaticOptions, "sources" | "ignore">> = {
  sources: SOURCES,
  ignore: ["node_modules/"],
}

/** The package that a file of the tree belongs to, `""` for the pages. */
export function packageOf(name: string): string {
  return REAL_PACKAGES.find((each) => name.startsWith(`${each}/`)) ?? ""
}

/** The path of a file of the tree. */
export function pathOf(name: string): string {
  const { folder, prefix } = SOURCES.find((source) => source.prefix === packageOf(name))!
  return join(folder, name.slice(prefix.length))
}
