import { dirname, extname } from "node:path"
import { pathToFileURL } from "node:url"
import { nearest, type Storage } from "@node-storages/core"
import type { StaticConfig } from "@node-storages/static"
import { configError } from "../command-error.ts"
import { explainConfigFailure } from "./config-failure.ts"

/** What a configuration file gives. */
export interface Config {
  readonly file: string
  /** The names of its storages, in the order of the file. */
  readonly names: readonly string[]
  /** @throws CommandError for a name that is not defined, and where the storage can't be made */
  storage(name: string): Storage
  readonly staticConfig: StaticConfig | undefined
}

const EXPORTS = ["storages", "staticConfig"]

/**
 * Imports a configuration: its export `storages` is what `defineStorages` gives, and `staticConfig` what
 * `defineStatic` does. The process moves to its folder, so that relative folders in it mean the same as in the app.
 * @throws CommandError `invalid-config`, with file, line and the nearest right name
 */
export async function loadConfig(file: string): Promise<Config> {
  if (/^\.m?ts$/.test(extname(file)) && !process.features.typescript) {
    throw configError(
      `Node ${process.versions.node} does not read TypeScript: ${file} needs Node 22.18 or later. ` +
        "Or write it in JavaScript, as storages.config.js.",
    )
  }
  process.chdir(dirname(file))
  const exports = await explained(file, async () => (await import(pathToFileURL(file).href)) as Record<string, unknown>)
  const storages = storagesOf(file, exports)
  return {
    file,
    names: Object.keys(storages),
    storage: (name) => made(file, storages, name),
    staticConfig: staticConfigOf(file, exports),
  }
}

function storagesOf(file: string, exports: Record<string, unknown>): Record<string, Storage> {
  const { storages } = exports
  if (typeof storages === "object" && storages !== null) return storages as Record<string, Storage>
  const names = Object.keys(exports)
  const like = nearest("storages", names)
  const wayOut =
    storages !== undefined
      ? `Its export "storages" is ${typeof storages}, not what defineStorages() gives.`
      : like === undefined
        ? `It has no export "storages"; it exports ${names.join(", ") || "nothing"}.`
        : `It has no export "storages": is "${like}" meant?`
  throw configError(`${file}: ${wayOut} Write: export const storages = defineStorages({ media: … })`)
}

/** The static files, where the file has some: a name that is nearly right is told. */
function staticConfigOf(file: string, exports: Record<string, unknown>): StaticConfig | undefined {
  const { staticConfig } = exports
  if (staticConfig === undefined) {
    const found = Object.keys(exports).find((name) => !EXPORTS.includes(name) && isStaticConfig(exports[name]))
    if (found === undefined) return undefined
    throw configError(`${file}: its export "${found}" is what defineStatic() gives. Call it "staticConfig".`)
  }
  if (isStaticConfig(staticConfig)) return staticConfig
  throw configError(
    `${file}: its export "staticConfig" is not what defineStatic() gives. ` +
      'Write: export const staticConfig = defineStatic({ storage: storages.static, sources: ["assets"] })',
  )
}

function isStaticConfig(value: unknown): value is StaticConfig {
  const config = value as Partial<StaticConfig> | null | undefined
  return typeof config === "object" && config !== null && Array.isArray(config.sources) && "manifest" in config
}

function made(file: string, storages: Record<string, Storage>, name: string): Storage {
  const known = Object.keys(storages)
  if (!known.includes(name)) {
    const like = nearest(name, known)
    throw configError(
      `${file} has no storage "${name}". ` +
        (like === undefined ? `It has: ${known.join(", ") || "none"}.` : `Is "${like}" meant?`),
    )
  }
  try {
    const storage = storages[name]
    if (typeof storage?.write === "function") return storage
  } catch (error) {
    throw explainConfigFailure(file, error)
  }
  throw configError(`${file}: the storage "${name}" is none. Write: ${name}: () => new LocalStorage("${name}")`)
}

async function explained<Result>(file: string, load: () => Promise<Result>): Promise<Result> {
  try {
    return await load()
  } catch (error) {
    throw explainConfigFailure(file, error)
  }
}
