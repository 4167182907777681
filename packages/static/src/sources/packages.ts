import { realpath, stat } from "node:fs/promises"
import { dirname, join, resolve, sep } from "node:path"
import { nameProblem, type OptionNames } from "@node-storages/core"
import type { SourceFile, StaticSource } from "../source.ts"
import { StaticError } from "../static-error.ts"
import { checkedPath, FolderSource } from "./folder.ts"
import type { Ignore } from "./ignore.ts"
import { checkKnown } from "../option-checks.ts"
import { checkedPrefix, checkName, shown } from "./option-checks.ts"
import { isObject, type PackageJson, readPackageJson } from "./package-json.ts"
import { type Met, WalkedSource } from "./walked-source.ts"
import { workspaceDirectories } from "./workspaces.ts"

/** Which packages are asked for static files. */
export interface PackagesOptions {
  /** The directory of the app's package.json. Default: the working directory. */
  readonly root?: string | URL | undefined
  /** The field of a package.json that tells of its static files. Default: `"static"`. */
  readonly field?: string | undefined
  /** The folder by which the app and its workspace packages take part without that field. Default: `"static"`. */
  readonly folder?: string | undefined
}

const OPTIONS: OptionNames<PackagesOptions> = { root: true, field: true, folder: true }

/**
 * The static files of the app, then of its workspace packages (npm, Yarn, pnpm), then of its direct dependencies in the
 * order of its package.json (`dependencies`, then `optionalDependencies`). What they depend on in turn, and
 * `devDependencies`, which production does not install, take no part.
 *
 * A package takes part by a field of its package.json, `"static": "dist"` or
 * `"static": { "folder": "dist", "prefix": "bootstrap" }`; the app and workspace packages also by having a folder
 * `static/`, and not if the field is `false`. Names get no prefix by themselves: to keep apart from others, a package
 * puts its files into a folder of its name (`static/blog/blog.css`), or gives a prefix.
 * @throws StaticError `invalid-option`; by `files` and `find`: `unreadable-source`, and what `folder` throws
 */
export function packages(options?: PackagesOptions): StaticSource {
  return new PackagesSource(options)
}

class PackagesSource extends WalkedSource {
  readonly description: string
  readonly #root: string
  readonly #field: string
  readonly #folder: string
  /** What was found last: `find` is called for each request in development. */
  #found: Promise<readonly FolderSource[]> | undefined

  constructor(options: PackagesOptions = {}) {
    super()
    checkKnown("packages()", options, OPTIONS)
    const { root = ".", field = "static", folder = "static" } = options
    const given = checkedPath(root)
    this.description = `packages of ${given}`
    this.#root = resolve(given)
    if (typeof field !== "string" || field === "") {
      throw new StaticError("invalid-option", `packages(): ${shown(field)} is no field. Give one like "static".`)
    }
    this.#field = field
    this.#folder = checkedPrefix("packages(): folder", folder).slice(0, -1)
    if (this.#folder === "")
      throw new StaticError("invalid-option", 'packages(): folder is empty. Give one like "static".')
  }

  async *walk(ignore: Ignore): AsyncGenerator<Met, void, undefined> {
    for (const folder of await this.#search()) yield* folder.walk(ignore)
  }

  async find(name: string): Promise<SourceFile | undefined> {
    checkName(name, shown(name), `Ask for a name below the static root, like "css/app.css".`)
    for (const folder of await (this.#found ?? this.#search())) {
      const file = await folder.find(name)
      if (file !== undefined) return file
    }
    return undefined
  }

  async folders(): Promise<readonly string[]> {
    return (await Promise.all((await this.#search()).map((folder) => folder.folders()))).flat()
  }

  #search(): Promise<readonly FolderSource[]> {
    const found = this.#packages()
    this.#found = found
    // A failure is told to the caller, and not kept.
    found.catch(() => {
      if (this.#found === found) this.#found = undefined
    })
    return found
  }

  async #packages(): Promise<FolderSource[]> {
    const app = await readPackageJson(this.#root)
    if (app === undefined) {
      throw new StaticError(
        "unreadable-source",
        `There is no package.json in ${this.#root}. Give the app's directory: packages({ root }).`,
        { file: join(this.#root, "package.json") },
      )
    }
    const workspaces = await workspaceDirectories(this.#root, app)
    const seen = new Set<string>()
    const folders: FolderSource[] = []
    for (const directory of [this.#root, ...workspaces, ...(await this.#dependencies(app))]) {
      const real = await realpath(directory)
      // A workspace package is often a dependency too.
      if (seen.has(real)) continue
      seen.add(real)
      const folder = await this.#folderOf(directory, real)
      if (folder !== undefined) folders.push(folder)
    }
    return folders
  }

  async #dependencies({ path, fields }: PackageJson): Promise<string[]> {
    const directories: string[] = []
    for (const [field, optional] of [
      ["dependencies", false],
      ["optionalDependencies", true],
    ] as const) {
      const optionals = isObject(fields["optionalDependencies"]) ? fields["optionalDependencies"] : {}
      for (const name of Object.keys(isObject(fields[field]) ? fields[field] : {})) {
        const directory = await installed(this.#root, name, path)
        if (directory !== undefined) directories.push(directory)
        // npm writes what is optional into both.
        else if (!optional && !Object.hasOwn(optionals, name)) throw notInstalled(name, path)
      }
    }
    return directories
  }

  async #folderOf(directory: string, real: string): Promise<FolderSource | undefined> {
    const packageJson = await readPackageJson(directory)
    const given = packageJson?.fields[this.#field]
    if (packageJson === undefined || given === false) return undefined
    // Where a link leads to from node_modules is the workspace, not something installed.
    const isInstalled = real.split(sep).includes("node_modules")
    if (given === undefined) {
      const path = join(directory, this.#folder)
      return !isInstalled && (await isDirectory(path)) ? new FolderSource(path) : undefined
    }
    const { folder, prefix } = fieldValue(packageJson, this.#field, given)
    const path = join(directory, folder)
    if (isInstalled) await checkInside(real, path, packageJson, this.#field)
    return new FolderSource(path, { prefix })
  }
}

/** Looks where Node looks: in node_modules here and in each directory above. */
async function installed(root: string, name: string, path: string): Promise<string | undefined> {
  if (nameProblem(name) !== undefined || name.split("/").length > 2) {
    throw new StaticError("unreadable-source", `${path}: ${shown(name)} is no name of a package. Correct it.`, {
      file: path,
    })
  }
  for (let directory = root; ; directory = dirname(directory)) {
    const candidate = join(directory, "node_modules", name)
    if ((await readPackageJson(candidate)) !== undefined) return candidate
    if (dirname(directory) === directory) return undefined
  }
}

function notInstalled(name: string, path: string): StaticError {
  return new StaticError(
    "unreadable-source",
    `The dependency ${name} of ${path} is not in a node_modules folder, so its static files can't be looked for. ` +
      "Install the dependencies; with Yarn, use a node linker that makes node_modules.",
    { file: path },
  )
}

const FIELD = { folder: true, prefix: true }

function fieldValue({ path }: PackageJson, field: string, given: unknown): { folder: string; prefix: string } {
  const subject = `${path}: the field "${field}"`
  const value = isObject(given) ? given : { folder: given }
  checkKnown(subject, value, FIELD)
  const folder =
    typeof value["folder"] === "string" ? value["folder"].replace(/^\.\//, "").replace(/\/$/, "") : undefined
  const problem = folder === undefined ? "it must be a string" : nameProblem(folder)
  if (folder === undefined || problem !== undefined) {
    throw new StaticError(
      "invalid-option",
      `${subject}: ${shown(value["folder"])} is no folder of the package: ${problem}. ` +
        `Write "${field}": "dist", or "${field}": { "folder": "dist", "prefix": "name" }.`,
      { file: path },
    )
  }
  return { folder, prefix: checkedPrefix(subject, value["prefix"]) }
}

/** An installed package publishes its own files only, whatever links it brings. */
async function checkInside(real: string, folder: string, { path }: PackageJson, field: string): Promise<void> {
  const target = await realpath(folder).catch(() => undefined)
  if (target === undefined || target === real || target.startsWith(real + sep)) return
  throw new StaticError(
    "unreadable-source",
    `${path}: the folder of "${field}" is a link that leads out of the package, to ${target}. Set the package right.`,
    { file: path },
  )
}

async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory()
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === "ENOENT" || code === "ENOTDIR") return false
    throw new StaticError("unreadable-source", `The folder ${path} can't be read: ${message}.`, {
      cause: error,
      file: path,
    })
  }
}
