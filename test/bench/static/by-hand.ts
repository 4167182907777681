import { hash } from "node:crypto"
import { mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs"
import { join, posix } from "node:path"

/** Every form of reference that the generated tree has, and no other. */
const REFERENCE = /(url\("|@import "|from ")([^"]+)"/g

/** One file as it is published. */
interface Published {
  readonly name: string
  readonly size: number
  readonly integrity: string
}

/** Takes bytes and the name that they are to be stored under. */
export type Store = (name: string, bytes: Uint8Array) => void

export const MANIFEST = "staticfiles.json"

/**
 * As little as collecting can do: each file is read once, hashed, its references are rewritten by a regular expression
 * that knows this tree, and it is stored under the name with its hash and under the plain one, what is referred to
 * first. At last the manifest. One thread and synchronous calls: for files of a few KiB nothing in Node is faster.
 */
export function collectByHand(folder: string, store: Store): Map<string, Published> {
  const published = new Map<string, Published>()
  const paths = new Map(filesIn(folder).map((path) => [path.slice(folder.length + 1), path]))
  const publish = (name: string): Published => {
    const known = published.get(name)
    if (known) return known
    const original = readFileSync(paths.get(name)!)
    const bytes = /\.(?:css|js)$/.test(name) ? rewritten(name, original.toString(), publish) : original
    const digest = hash("sha256", bytes, "buffer")
    const entry = {
      name: hashedName(name, digest),
      size: bytes.byteLength,
      integrity: `sha256-${digest.toString("base64")}`,
    }
    store(entry.name, bytes)
    store(name, original)
    published.set(name, entry)
    return entry
  }
  for (const name of paths.keys()) publish(name)
  store(MANIFEST, Buffer.from(JSON.stringify({ version: 1, files: Object.fromEntries(published) })))
  return published
}

/** The paths of all files, in order. */
export function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath}/${entry.name}`)
    .toSorted()
}

function rewritten(name: string, text: string, publish: (name: string) => Published): Buffer {
  const folder = posix.dirname(name)
  return Buffer.from(
    text.replace(REFERENCE, (_, before: string, url: string) => {
      const target = publish(posix.join(folder, url))
      return `${before}${url.slice(0, url.lastIndexOf("/") + 1)}${posix.basename(target.name)}"`
    }),
  )
}

function hashedName(name: string, digest: Buffer): string {
  const dot = name.lastIndexOf(".")
  return `${name.slice(0, dot)}.${digest.toString("hex", 0, 6)}${name.slice(dot)}`
}

/**
 * Stores in a folder, each file in one step: readers see all of it or nothing. A directory is made once.
 * @param withHeaders keeps the Cache-Control of each file beside it, before the file itself
 */
export function storeIn(folder: string, withHeaders: boolean): Store {
  const made = new Set<string>()
  const make = (directory: string) => {
    if (!made.has(directory)) mkdirSync(join(folder, directory), { recursive: true })
    made.add(directory)
  }
  make("")
  const temporary = join(folder, ".temporary")
  return (name, bytes) => {
    make(posix.dirname(name))
    writeFileSync(temporary, bytes)
    if (withHeaders) {
      const record = hash("sha256", name)
      make(`.headers/${record.slice(0, 2)}`)
      const cacheControl = "public, max-age=31536000, immutable"
      writeFileSync(
        join(folder, `.headers/${record.slice(0, 2)}/${record}.json`),
        JSON.stringify({ name, cacheControl }),
      )
    }
    renameSync(temporary, join(folder, name))
  }
}

/**
 * Compares with a folder in place of storing: the listing has the sizes, the manifest the digests. Content decides:
 * the sources are read and hashed as at the first time.
 */
export function compareWith(folder: string): Store {
  const sizes = new Map(filesIn(folder).map((path) => [path.slice(folder.length + 1), statSync(path).size]))
  const before = readFileSync(join(folder, MANIFEST))
  return (name, bytes) => {
    if (sizes.get(name) === bytes.byteLength && (name !== MANIFEST || before.equals(bytes))) return
    throw new Error(`${name} has changed.`)
  }
}
