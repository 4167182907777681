import { StorageError } from "@node-storages/core"
import type { StaticConfig } from "@node-storages/static"

/** Names that a bundler has hashed, in its own way. */
export interface BundledNames {
  /** Directories, `"assets"`, all of whose bundled names end as Vite and Rollup make them: `index-BX2c9xY_.js`. */
  readonly directories: readonly string[]
  /** Names that are made otherwise. */
  readonly others: readonly string[]
}

/** As collect names files: twelve hexadecimal digits. */
const COLLECTED = /\.[0-9a-f]{12}(?:\.[^/]*)?$/
/** Eight characters of base64url behind a dash, as Vite and Rollup have them. */
const BUNDLED = /^.+-[\w-]{8}\.[^/]+$/
/** What needs no quotes in a configuration. */
const PLAIN_PATH = /^[\w./@+-]+$/

/** What the manifest of the collected folder tells; nothing where nothing was collected yet. */
export async function bundledNames({ storage, manifest }: StaticConfig): Promise<BundledNames> {
  const { parseManifest } = await import("@node-storages/static")
  let text
  try {
    text = await storage.open(manifest).text()
  } catch (error) {
    if (StorageError.is(error, "not-found")) return { directories: [], others: [] }
    throw error
  }
  const { files, plain = {} } = parseManifest(text, manifest)
  const names = new Set(Object.values(files).map(({ name }) => name))
  const bundled = [...names].filter((name) => !Object.hasOwn(plain, name) && !COLLECTED.test(name))
  const byDirectory = Map.groupBy(bundled, (name) => name.slice(0, Math.max(0, name.lastIndexOf("/"))))
  const isClear = ([directory, its]: [string, string[]]) => {
    const looksBundled = (name: string) => name.startsWith(`${directory}/`) && BUNDLED.test(name)
    return PLAIN_PATH.test(directory) && its.every(looksBundled) && !Object.keys(plain).some(looksBundled)
  }
  const groups = [...byDirectory]
  return {
    directories: groups.filter(isClear).map(([directory]) => directory),
    others: groups.filter((group) => !isClear(group)).flatMap(([, its]) => its),
  }
}
