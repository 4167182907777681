import { existsSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"

interface Manager {
  /** Files by which it is known. */
  readonly lockfiles: readonly string[]
  readonly add: string
  readonly run: string
}

const MANAGERS: readonly Manager[] = [
  { lockfiles: ["pnpm-lock.yaml", "pnpm-workspace.yaml"], add: "pnpm add", run: "pnpm exec" },
  { lockfiles: ["yarn.lock"], add: "yarn add", run: "yarn" },
  { lockfiles: ["bun.lock", "bun.lockb"], add: "bun add", run: "bunx" },
  { lockfiles: ["package-lock.json"], add: "npm install", run: "npx" },
]

/** What is to be known of an app whose configuration is written. */
export interface App {
  readonly manager: Manager
  /** How its configuration is called, so that Node takes it as a module without a warning. */
  readonly configName: string
}

interface PackageJson {
  readonly type?: unknown
  readonly dependencies?: Readonly<Record<string, unknown>>
  readonly devDependencies?: Readonly<Record<string, unknown>>
}

/**
 * Looks at an app: which package manager, TypeScript or not, modules or not.
 * @param js JavaScript, whatever the app is written in
 */
export function lookAt(folder: string, js: boolean): App {
  const file = above(folder, ["package.json"])
  const manifest = file === undefined ? undefined : readJson(file)
  const typed =
    !js &&
    (manifest === undefined ||
      existsSync(join(dirname(file!), "tsconfig.json")) ||
      "typescript" in { ...manifest.dependencies, ...manifest.devDependencies })
  const isModule = manifest === undefined || manifest.type === "module"
  const lockfile = above(
    folder,
    MANAGERS.flatMap(({ lockfiles }) => lockfiles),
  )
  const manager = MANAGERS.find(({ lockfiles }) => lockfiles.some((name) => lockfile?.endsWith(name)))
  return {
    manager: manager ?? MANAGERS.at(-1)!,
    configName: `storages.config.${isModule ? "" : "m"}${typed ? "ts" : "js"}`,
  }
}

/** Which of these packages can't be imported from the folder. */
export function notInstalled(folder: string, packages: readonly string[]): string[] {
  return packages.filter((name) => above(folder, [join("node_modules", name, "package.json")]) === undefined)
}

/** The first of these files in the folder, or in the nearest one above. */
function above(folder: string, names: readonly string[]): string | undefined {
  for (let current = folder; ; current = dirname(current)) {
    const found = names.map((name) => join(current, name)).find((file) => existsSync(file))
    if (found !== undefined || dirname(current) === current) return found
  }
}

function readJson(file: string): PackageJson {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as PackageJson
  } catch {
    return {}
  }
}
