import { isUtf8 } from "node:buffer"
import { crawl, type Found, type Kind } from "./crawl/index.ts"

/** Which file of the tree has which name in the output. */
export type PublishedNames = ReadonlyMap<string, string>

/** What a reference that leads nowhere is known by. */
export interface Unresolved {
  readonly file: string
  /** From 1. */
  readonly line: number
  /** From 1. */
  readonly column: number
  readonly reference: string
}

export interface Comparison {
  /** References that lead to a file, by kind. */
  readonly resolved: ReadonlyMap<Kind, number>
  readonly unresolved: readonly Unresolved[]
  /** What is wrong in the output, as sentences. */
  readonly faults: readonly string[]
}

/** Which name in the tree a URL means in a file, as a browser at the root of a host finds it. */
function target(file: string, url: string): { readonly name: string; readonly suffix: string } {
  const { pathname, search, hash } = new URL(
    url,
    `http://tree.invalid/${file.split("/").map(encodeURIComponent).join("/")}`,
  )
  return { name: decodeURIComponent(pathname.slice(1)), suffix: search + hash }
}

function textOf(bytes: Buffer): string {
  return bytes.toString(isUtf8(bytes) ? "utf8" : "latin1")
}

/**
 * A source and its output, reference by reference: each that leads to a file of the tree leads to that file's new name
 * in the output, each other one is as it was, and so is everything that is no reference.
 */
export function compare(file: string, source: Buffer, output: Buffer, names: PublishedNames): Comparison {
  const text = textOf(source)
  const before = crawl(file, text)
  if (before === undefined) {
    const faults = source.equals(output) ? [] : [`${file} is not what it was`]
    return { resolved: new Map(), unresolved: [], faults }
  }
  const rewritten = textOf(output)
  const after = rewritten === text ? before : crawl(file, rewritten)!
  const faults: string[] = []
  const resolved = new Map<Kind, number>()
  const unresolved: Unresolved[] = []
  if (before.length !== after.length) {
    faults.push(`${file} has ${before.length} references, and its output ${after.length}`)
  }
  for (const [index, found] of before.entries()) {
    const other = after[index]
    if (other === undefined) break
    // Whether it is right, the browser tells: it takes no file whose digest is another.
    if (found.kind === "integrity") {
      resolved.set("integrity", (resolved.get("integrity") ?? 0) + 1)
      continue
    }
    const meant = target(file, found.url)
    const published = names.get(meant.name)
    if (published === undefined || found.url.startsWith("/")) {
      if (other.url !== found.url) faults.push(`${file}: ${found.url} leads nowhere, and became ${other.url}`)
      if (!found.url.startsWith("/")) unresolved.push({ file, ...positionOf(text, found.start), reference: found.url })
      continue
    }
    resolved.set(found.kind, (resolved.get(found.kind) ?? 0) + 1)
    const led = target(names.get(file)!, other.url)
    if (led.name !== published || led.suffix !== meant.suffix) {
      faults.push(`${file}: ${found.url} became ${other.url}, and should lead to ${published}`)
    }
  }
  if (restored(rewritten, after, text, before) !== text) faults.push(`${file} is changed outside of its references`)
  return { resolved, unresolved, faults }
}

/** The output with the references of the source in it. */
function restored(output: string, after: readonly Found[], source: string, before: readonly Found[]): string {
  let [text, position] = ["", 0]
  for (const [index, { start, end }] of after.entries()) {
    const original = before[index]
    text += output.slice(position, start) + source.slice(original?.start, original?.end)
    position = end
  }
  return text + output.slice(position)
}

function positionOf(text: string, offset: number): { line: number; column: number } {
  const lines = text.slice(0, offset).split(/\r\n|[\r\n]/)
  return { line: lines.length, column: lines.at(-1)!.length + 1 }
}
