import { readdir } from "node:fs/promises"
import { join } from "node:path"
import { compareKeys } from "@node-storages/core"
import picomatch from "picomatch"
import { StaticError } from "../static-error.ts"
import { isObject, type PackageJson, readPackageJson, readText } from "./package-json.ts"

/**
 * The directories of the workspaces' packages: of npm's and Yarn's `workspaces`, else of pnpm's `pnpm-workspace.yaml`.
 * In the order of the patterns, and where one matches several, by the bytes of their paths.
 * @throws StaticError `unreadable-source`
 */
export async function workspaceDirectories(root: string, packageJson: PackageJson): Promise<string[]> {
  const patterns = await workspacePatterns(root, packageJson)
  const excluded = patterns.filter((pattern) => pattern.startsWith("!")).map((pattern) => trimmed(pattern.slice(1)))
  const isExcluded = picomatch(excluded, { windows: false })
  const found = new Set<string>()
  for (const pattern of patterns) {
    if (pattern.startsWith("!")) continue
    const directories = await matching(root, "", trimmed(pattern).split("/"))
    for (const directory of directories.toSorted(compareKeys)) {
      if (directory === "" || isExcluded(directory) || found.has(directory)) continue
      if ((await readPackageJson(join(root, directory))) !== undefined) found.add(directory)
    }
  }
  return [...found].map((directory) => join(root, directory))
}

function trimmed(pattern: string): string {
  return pattern.replace(/^\.?\//, "").replace(/\/+$/, "")
}

async function workspacePatterns(root: string, { path, fields }: PackageJson): Promise<readonly string[]> {
  const field = fields["workspaces"]
  // Yarn 1 has an object with `packages`.
  const given = isObject(field) ? (field["packages"] ?? []) : field
  if (given !== undefined) {
    if (Array.isArray(given) && given.every((pattern) => typeof pattern === "string")) return given
    throw new StaticError("unreadable-source", `${path}: "workspaces" must be an array of patterns. Correct it.`, {
      file: path,
    })
  }
  const yaml = join(root, "pnpm-workspace.yaml")
  const text = await readText(yaml)
  return text === undefined ? [] : pnpmPackages(text, yaml)
}

/** In double quotes, in single quotes, or plain; a plain one that would be a mapping, an alias or the like is none. */
const SCALAR = /^(?:"([^"\\]*)"|'((?:[^']|'')*)'|((?:[^\s"'#&!|>%@`{}[\],])(?:(?!:(?:\s|$)).)*))$/

/**
 * The list `packages` of a pnpm-workspace.yaml, in the forms in which people write it. All else of the file is not
 * looked at, and no dependency is needed for it.
 */
export function pnpmPackages(text: string, path: string): string[] {
  const lines = text.split(/\r?\n/)
  const start = lines.findIndex((line) => /^(?:packages|"packages"|'packages')\s*:/.test(line))
  if (start === -1) return []
  const rest = withoutComment(lines[start]!.slice(lines[start]!.indexOf(":") + 1))
  const items = rest === "" ? blockItems(lines.slice(start + 1)) : flowItems(rest)
  const patterns = items?.map(scalar)
  if (patterns !== undefined && patterns.every((pattern) => pattern !== undefined)) return patterns
  throw new StaticError(
    "unreadable-source",
    `${path}: the list "packages" is written in a way that is not understood here. ` +
      `Write each pattern in a line of its own: - "packages/*"`,
    { file: path },
  )
}

function blockItems(lines: readonly string[]): string[] | undefined {
  const items: string[] = []
  for (const line of lines) {
    const content = withoutComment(line)
    if (content === "") continue
    const item = /^-\s+(.*)$/.exec(content)
    if (item !== null) items.push(item[1]!)
    else if (/^\S/.test(line)) break
    else return undefined
  }
  return items
}

function flowItems(text: string): string[] | undefined {
  const list = /^\[(.*)\]$/.exec(text)?.[1]
  if (list === undefined) return undefined
  return list
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "")
}

/** A line without its comment, which begins at a `#` after white space and outside of quotes. */
function withoutComment(line: string): string {
  let quote = ""
  for (let index = 0; index < line.length; index++) {
    const character = line[index]!
    const begins = index === 0 || /[\s[,]/.test(line[index - 1]!)
    if (quote !== "") quote = character === quote ? "" : quote
    else if (begins && (character === '"' || character === "'")) quote = character
    else if (begins && character === "#") return line.slice(0, index).trim()
  }
  return line.trim()
}

function scalar(text: string): string | undefined {
  const match = SCALAR.exec(text.trim())
  return match?.[1] ?? match?.[2]?.replaceAll("''", "'") ?? match?.[3]?.trim()
}

/** The directories below `directory` that the segments of a pattern match. What is hidden or installed never does. */
async function matching(root: string, directory: string, segments: readonly string[]): Promise<string[]> {
  const [segment, ...rest] = segments
  if (segment === undefined) return [directory]
  const below = (name: string) => (directory === "" ? name : `${directory}/${name}`)
  if (segment === "**") {
    const found = await matching(root, directory, rest)
    for (const name of await subdirectories(join(root, directory))) {
      found.push(...(await matching(root, below(name), segments)))
    }
    return [...new Set(found)]
  }
  if (!picomatch.scan(segment).isGlob) return matching(root, below(segment), rest)
  const matches = picomatch(segment, { windows: false })
  const names = (await subdirectories(join(root, directory))).filter((name) => matches(name))
  return (await Promise.all(names.map((name) => matching(root, below(name), rest)))).flat()
}

async function subdirectories(path: string): Promise<string[]> {
  try {
    const entries = await readdir(path, { withFileTypes: true })
    return entries
      .filter((entry) => entry.isDirectory() && entry.name !== "node_modules" && !entry.name.startsWith("."))
      .map(({ name }) => name)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === "ENOENT" || code === "ENOTDIR") return []
    throw new StaticError("unreadable-source", `The folder ${path} can't be read: ${message}.`, {
      cause: error,
      file: path,
    })
  }
}
