import { mkdirSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"

/** Of 10,000 files 1,215 are style sheets and scripts: the share of a large Django project with its admin. */
const TEXTS_IN_10_000 = 1215
/** Files of one app, which has folders for styles, scripts, pictures and fonts. */
const FILES_OF_AN_APP = 200

/** What is generated: the same at each call. */
export interface Tree {
  readonly files: number
  readonly texts: number
}

/** Bytes that no compression shortens, the same in each process. */
const NOISE = noise(128 * 1024)

/**
 * Makes a tree of static files: pictures, fonts and data of mixed size, styles that refer to pictures, fonts and other
 * styles, scripts that import scripts. Nothing refers in circles, and every reference leads somewhere.
 * @param scale of the sizes of binary files; 1 is about 8 KiB on average
 */
export function makeTree(folder: string, files: number, scale = 1): Tree {
  const texts = Math.round((files * TEXTS_IN_10_000) / 10_000)
  const made = new Set<string>()
  const write = (name: string, content: string | Uint8Array): void => {
    const path = join(folder, name)
    if (!made.has(dirname(path))) mkdirSync(dirname(path), { recursive: true })
    made.add(dirname(path))
    writeFileSync(path, content)
  }
  const binaries = Array.from({ length: files - texts }, (_, index) => binaryName(index))
  for (const [index, name] of binaries.entries()) write(name, binaryOf(index, scale))
  const styles: string[] = []
  const scripts: string[] = []
  for (let index = 0; index < texts; index++) {
    const app = `app${Math.floor(index / 24)}`
    const isStyle = index % 3 === 0
    const name = isStyle ? `${app}/css/part-${index}.css` : `${app}/js/part-${index}.js`
    write(name, isStyle ? styleOf(name, index, styles, binaries) : scriptOf(name, index, scripts))
    ;(isStyle ? styles : scripts).push(name)
  }
  return { files, texts }
}

/** Makes scripts that import each other, of so many bytes together. */
export function makeScripts(folder: string, files: number, bytes: number): void {
  mkdirSync(folder, { recursive: true })
  const made: string[] = []
  for (let index = 0; index < files; index++) {
    const name = `script-${index}.js`
    const script = scriptOf(name, index, made)
    const copies = Math.max(1, Math.round(bytes / files / script.length))
    // All that a script has but its imports may be there again and again.
    writeFileSync(join(folder, name), script + script.replaceAll(/^import .*\n/gm, "").repeat(copies - 1))
    made.push(name)
  }
}

function binaryName(index: number): string {
  const app = `app${Math.floor(index / FILES_OF_AN_APP)}`
  if (index % 20 === 0) return `${app}/fonts/face-${index}.woff2`
  if (index % 10 === 1) return `${app}/data/strings-${index}.json`
  return `${app}/img/${index % 7}/picture-${index}.${index % 3 === 0 ? "jpg" : "png"}`
}

/** From 0.5 to 32 KiB, most of them small; fonts more. */
function binaryOf(index: number, scale: number): Uint8Array {
  const size = index % 20 === 0 ? 24_000 + (index % 13) * 2_000 : 512 * 2 ** (index % 7) + (index % 97) * 10
  const bytes = Buffer.from(NOISE.subarray(0, Math.max(64, Math.floor(size * scale))))
  bytes.write(`file ${index}\n`)
  if (index % 10 !== 1) return bytes
  return Buffer.from(JSON.stringify({ index, text: bytes.toString("base64").slice(0, bytes.byteLength) }))
}

/** A few references in a text of ordinary rules, and one to an earlier sheet: some are imported by all later ones. */
function styleOf(name: string, index: number, styles: readonly string[], binaries: readonly string[]): string {
  const lines = styles.length === 0 ? [] : [`@import "${relative(name, styles[(index * 7) % styles.length]!)}";`]
  for (let rule = 0; rule < 40 + (index % 50); rule++) {
    const target = relative(name, binaries[(index * 31 + rule * 17) % binaries.length]!)
    const picture = rule % 8 === 0 ? `  background: url("${target}") no-repeat;\n` : ""
    lines.push(
      `.part-${index} > .rule-${rule}:hover {\n${picture}  margin: ${rule}px auto;\n  color: #0${rule % 10}f;\n}`,
    )
  }
  return `${lines.join("\n")}\n`
}

function scriptOf(name: string, index: number, scripts: readonly string[]): string {
  const imports = scripts.length === 0 ? [] : [1, 2].map((each) => scripts[(index * each * 5) % scripts.length]!)
  const lines = imports.map((target, each) => `import { run as run${each} } from "./${relative(name, target)}"`)
  for (let each = 0; each < 60 + (index % 120); each++) {
    lines.push(
      `export function part${each}(a, b) {\n  // of ${index}\n  return a * ${each} + (b ?? "none").length / 2\n}`,
    )
  }
  return `${lines.join("\n")}\nexport const run = () => [${imports.map((_, each) => `run${each}`).join(", ")}]\n`
}

function relative(from: string, to: string): string {
  return `${"../".repeat(from.split("/").length - 1)}${to}`
}

function noise(length: number): Buffer {
  const bytes = Buffer.alloc(length)
  let state = 12_345
  for (let index = 0; index < length; index++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    bytes[index] = state >>> 16
  }
  return bytes
}
