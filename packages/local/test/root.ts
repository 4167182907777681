import { mkdtemp, readdir, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach } from "vitest"

const made: string[] = []

/** An empty folder that is removed after the test. */
export async function temporaryRoot(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "node-storages-"))
  made.push(path)
  return path
}

afterEach(async () => {
  for (const path of made.splice(0)) await rm(path, { recursive: true, force: true, maxRetries: 3 })
})

/** Every entry below a folder that is no directory, as relative paths. */
export async function filesBelow(path: string): Promise<string[]> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(path.length + 1))
    .toSorted()
}

/** What is in the storage's own directory: temporary files and records. */
export async function internalFiles(root: string): Promise<string[]> {
  return (await filesBelow(root)).filter((path) => path.startsWith(".node-storages"))
}

export async function names(list: AsyncIterable<{ name: string }>): Promise<string[]> {
  const all: string[] = []
  for await (const { name } of list) all.push(name)
  return all
}

/** Chunks of this size until `total` bytes have been given, each filled with `byte`. */
export async function* chunksOf(byte: number, total: number, size = 64 * 1024): AsyncGenerator<Uint8Array> {
  for (let given = 0; given < total; given += size) yield new Uint8Array(Math.min(size, total - given)).fill(byte)
}
