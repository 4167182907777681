import { createHash } from "node:crypto"
import { readdir, readFile, stat } from "node:fs/promises"
import { join, relative } from "node:path"
import { pool } from "@node-storages/core/adapter"
import { LocalStorage } from "@node-storages/local"
import type { Manifest } from "@node-storages/static"
import { expect } from "vitest"

const PARALLEL_READS = 32

/** Of each file by its path: its digest and when it was written. */
export type SiteState = Readonly<Record<string, string>>

/** All that is in a folder, also what the storage keeps for itself. */
export async function stateOf(folder: string): Promise<SiteState> {
  const state: Record<string, string> = {}
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  await pool(files, PARALLEL_READS, async ({ parentPath, name }) => {
    const path = join(parentPath, name)
    const digest = createHash("sha256").update(await readFile(path))
    state[relative(folder, path)] = `${digest.digest("hex")} of ${(await stat(path)).mtimeMs}`
  })
  return state
}

/** Nothing of what was there has been touched. Files that nobody asks for yet may have come. */
export function expectAsItWas(before: SiteState, after: SiteState): void {
  expect(after).toMatchObject(before)
}

const digestOf = async (storage: LocalStorage, name: string, encoding: "base64" | "hex") =>
  createHash("sha256")
    .update(await storage.open(name).bytes())
    .digest(encoding)

/** Every file that the manifest tells of is there, with the bytes that it tells of. */
export async function expectWhole(folder: string): Promise<Manifest> {
  const storage = new LocalStorage(folder)
  const manifest = await storage.open("staticfiles.json").json<Manifest>()
  for (const { name, integrity } of Object.values(manifest.files)) {
    expect(`sha256-${await digestOf(storage, name, "base64")}`, name).toBe(integrity)
  }
  return manifest
}

/** The same, and so are the files under their plain names. */
export async function expectWholeWithPlain(folder: string): Promise<Manifest> {
  const storage = new LocalStorage(folder)
  const manifest = await expectWhole(folder)
  for (const [name, { sha256 }] of Object.entries(manifest.plain ?? {})) {
    expect(await digestOf(storage, name, "hex"), name).toBe(sha256)
  }
  return manifest
}
