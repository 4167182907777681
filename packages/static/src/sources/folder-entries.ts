import type { Stats } from "node:fs"
import { readdir, readlink, realpath, stat, lstat } from "node:fs/promises"
import { join, sep } from "node:path"
import type { Room } from "../source.ts"
import { readWholeFile } from "./read-file.ts"
import { StaticError } from "../static-error.ts"

/** What a folder asks of the file system. */
export interface FileSystem {
  readdir(path: string): Promise<readonly DirectoryEntry[]>
  stat(path: string): Promise<Stats>
  lstat(path: string): Promise<Stats>
  realpath(path: string): Promise<string>
  readlink(path: string): Promise<string>
  readFile(path: string, room?: Room): Promise<Uint8Array>
}

interface DirectoryEntry {
  readonly name: string
  isFile(): boolean
  isDirectory(): boolean
  isSymbolicLink(): boolean
}

export const nodeFileSystem: FileSystem = {
  readdir: (path) => readdir(path, { withFileTypes: true }),
  stat: (path) => stat(path),
  lstat: (path) => lstat(path),
  realpath: (path) => realpath(path),
  readlink: (path) => readlink(path),
  readFile: readWholeFile,
}

/** A place on the way down a folder. */
export interface Step {
  /** Absolute, with links as they are. */
  readonly path: string
  /** Absolute, with links resolved. Of directories only. */
  readonly real: string
  /** Below the folder, with `/`: `"css/app.css"`. */
  readonly below: string
  /** As messages give it. */
  readonly origin: string
  /** The directory that it is in. */
  readonly parent?: Step | undefined
}

export interface Entry extends Step {
  readonly kind: "file" | "directory" | "ignored"
  /** Of what is ignored. */
  readonly pattern?: string | undefined
}

/** Links that are looked up at once; Node's thread pool has 4 threads by default. */
const PARALLEL_LOOKUPS = 64

/** What is in a directory, in no order. What is ignored is not looked at. */
export async function readEntries(
  fileSystem: FileSystem,
  parent: Step,
  ignored: (below: string, kind: "file" | "directory") => string | undefined,
): Promise<Entry[]> {
  const found = await listed(fileSystem, parent)
  const entries: Entry[] = []
  for (let start = 0; start < found.length; start += PARALLEL_LOOKUPS) {
    const some = found.slice(start, start + PARALLEL_LOOKUPS)
    entries.push(...(await Promise.all(some.map((one) => entryOf(fileSystem, parent, one, ignored)))))
  }
  return entries
}

async function listed(fileSystem: FileSystem, { path, origin }: Step): Promise<readonly DirectoryEntry[]> {
  try {
    return await fileSystem.readdir(path)
  } catch (error) {
    throw new StaticError(
      "unreadable-source",
      `The folder ${origin} can't be read: ${(error as Error).message}. Make it readable, or leave it out with ignore.`,
      { cause: error, file: origin },
    )
  }
}

async function entryOf(
  fileSystem: FileSystem,
  parent: Step,
  found: DirectoryEntry,
  ignored: (below: string, kind: "file" | "directory") => string | undefined,
): Promise<Entry> {
  const below = parent.below === "" ? found.name : `${parent.below}/${found.name}`
  const step = stepBelow(parent, found.name, below)
  const pattern = ignored(below, found.isDirectory() ? "directory" : "file")
  if (pattern !== undefined) {
    return { ...step, kind: "ignored", pattern, below: found.isDirectory() ? `${below}/` : below }
  }
  const kind = await kindOf(fileSystem, step, found)
  if (kind === "file") return { ...step, kind }
  // Only now is it known that a link leads to a directory.
  const directoryPattern = found.isDirectory() ? undefined : ignored(below, "directory")
  if (directoryPattern !== undefined) {
    return { ...step, kind: "ignored", pattern: directoryPattern, below: `${below}/` }
  }
  return { ...(await directoryStep(fileSystem, step, found.isDirectory())), kind }
}

function stepBelow(parent: Step, segment: string, below: string): Step {
  const path = pathBelow(parent.path, segment)
  const origin = parent.origin === parent.path ? path : pathBelow(parent.origin, segment)
  return { path, real: pathBelow(parent.real, segment), below, origin, parent }
}

/** Not `join`: what it makes of a path is made of all its parts, which stay in memory as long as the path. */
function pathBelow(path: string, segment: string): string {
  if (path === ".") return segment
  return path.endsWith(sep) ? path + segment : path + sep + segment
}

async function kindOf(fileSystem: FileSystem, step: Step, found: DirectoryEntry): Promise<"file" | "directory"> {
  // A name on disk that is not UTF-8 comes with replacement characters, and can't be opened by what comes.
  const doubtful = found.name.includes("\ufffd")
  if (!doubtful && found.isFile()) return "file"
  if (!doubtful && found.isDirectory()) return "directory"
  let stats: Stats
  try {
    stats = await fileSystem.stat(step.path)
  } catch (error) {
    throw await lookupError(fileSystem, step, found, error as NodeJS.ErrnoException)
  }
  if (stats.isFile()) return "file"
  if (stats.isDirectory()) return "directory"
  throw new StaticError(
    "unreadable-file",
    `${step.origin} is ${kindName(stats)}, which has no content to publish. Remove it, or leave it out with ignore.`,
    { file: step.origin },
  )
}

function kindName(stats: Stats): string {
  if (stats.isSocket()) return "a socket"
  if (stats.isFIFO()) return "a named pipe"
  return "a device"
}

async function lookupError(
  fileSystem: FileSystem,
  { path, origin }: Step,
  found: DirectoryEntry,
  error: NodeJS.ErrnoException,
): Promise<StaticError> {
  const options = { cause: error, file: origin }
  if (error.code === "ELOOP") {
    const target = await fileSystem.readlink(path).catch(() => "itself")
    return new StaticError(
      "unreadable-source",
      `The symbolic link ${origin} leads to ${target}, and from there back to itself. ` +
        "Remove it, or leave it out with ignore.",
      options,
    )
  }
  if (error.code === "ENOENT" && found.isSymbolicLink()) {
    const target = await fileSystem.readlink(path).catch(() => "what is not there")
    return new StaticError(
      "unreadable-file",
      `The symbolic link ${origin} leads to ${target}, which does not exist. Remove it, or leave it out with ignore.`,
      options,
    )
  }
  if (error.code === "ENOENT" && found.name.includes("\ufffd")) {
    return new StaticError(
      "invalid-name",
      `The name of ${origin} on disk is not UTF-8. Rename it, or leave it out with ignore.`,
      options,
    )
  }
  return new StaticError("unreadable-file", `${origin} can't be read: ${error.message}.`, options)
}

/** A directory with its real path. @throws StaticError `unreadable-source` where it is one of those that it is in */
async function directoryStep(fileSystem: FileSystem, step: Step, real: boolean): Promise<Step> {
  const directory = real ? step : { ...step, real: await fileSystem.realpath(step.path) }
  for (let above = step.parent; above !== undefined; above = above.parent) {
    if (above.real !== directory.real) continue
    throw new StaticError(
      "unreadable-source",
      `${step.origin} leads back to ${above.origin} by a symbolic link: it would be walked without end. ` +
        "Remove the link, or leave it out with ignore.",
      { file: step.origin },
    )
  }
  return directory
}

/**
 * The file of a name, or undefined where there is none. Each segment must be on disk exactly as asked: what a file
 * system finds without regard to case or to Unicode's normal forms is missing on the next machine.
 */
export async function findEntry(fileSystem: FileSystem, root: Step, name: string): Promise<Step | undefined> {
  const path = join(root.path, name)
  try {
    if (!(await fileSystem.stat(path)).isFile()) return undefined
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === "ENOENT" || code === "ENOTDIR" || code === "ELOOP" || code === "ENAMETOOLONG") return undefined
    throw new StaticError("unreadable-file", `${join(root.origin, name)} can't be read: ${message}.`, {
      cause: error,
      file: join(root.origin, name),
    })
  }
  const segments = name.split("/")
  let step = root
  for (const [index, segment] of segments.entries()) {
    const found = (await listed(fileSystem, step)).find((entry) => entry.name === segment)
    if (found === undefined) return undefined
    const below = stepBelow(step, segment, segments.slice(0, index + 1).join("/"))
    step = index === segments.length - 1 ? below : await directoryStep(fileSystem, below, found.isDirectory())
  }
  return step
}
