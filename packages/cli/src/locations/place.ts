import type { Storage } from "@node-storages/core"

/** Where a file or folder is that the command line names. */
export interface Place {
  readonly storage: Storage
  /** The name of a file or directory in it, `""` for its root. A trailing slash, where one was given, is kept. */
  readonly name: string
  /** As people write it: `media:avatars/me.png`, `./me.png`. Of a URL, without what may be secret in it. */
  readonly title: string
  /** A folder of this machine that no storage was configured for. */
  readonly local: boolean
  /** What it is called in the directory that it is in: `me.png`; `""` for a root, and for `.` and `..`. */
  readonly base: string
  /** Can be nothing but a directory: a root, a folder that is there, or something with a slash at its end. */
  readonly directory: boolean
}

/**
 * What is wanted of a place:
 * - `"any"`: a file or directory; a URL is a storage as a whole
 * - `"file"`: the same, and the last part of a URL's path may be a file
 * - `"link"`: as `"file"`; a link of this machine is meant itself, not what it leads to
 * - `"directory"`: a path of this machine is a folder, also where there is none yet
 */
export type Wanted = "any" | "file" | "link" | "directory"

/** A text of the command line, before storages are made. */
export type ParsedPlace =
  | { readonly kind: "storage"; readonly storage: string; readonly name: string }
  | { readonly kind: "url"; readonly url: string }
  | { readonly kind: "local"; readonly path: string }
  /** A name without a storage: it belongs to the one that `--storage` names, or is a path. */
  | { readonly kind: "plain"; readonly name: string }

const URL_START = /^[a-z][a-z\d+.-]*:\/\//i
const STORAGE_START = /^([A-Za-z_$][\w$-]*):(.*)$/s
const LOCAL_START = /^(?:\.{1,2}$|\.{1,2}[/\\]|[/\\~])/

/**
 * Tells what a text on the command line names: `media:a.png` and `media:` a configured storage, `s3://bucket` a storage
 * by its URL, `./a.png`, `../a`, `/srv/a` and `.` this machine.
 * @param storages the names of the configured storages: on Windows `c:\a` is a path, unless a storage is called "c"
 * @param platform Node's name of the system. Default: this one
 */
export function parsePlace(
  text: string,
  storages: readonly string[] = [],
  platform: NodeJS.Platform = process.platform,
): ParsedPlace {
  if (URL_START.test(text)) return { kind: "url", url: text }
  if (LOCAL_START.test(text)) return { kind: "local", path: text }
  const [, storage, name] = STORAGE_START.exec(text) ?? []
  if (storage === undefined || name === undefined) return { kind: "plain", name: text }
  const isDrive = platform === "win32" && storage.length === 1 && !storages.includes(storage)
  return isDrive ? { kind: "local", path: text } : { kind: "storage", storage, name }
}

/** The last segment of a name or path: `""` where there is none, and for `.` and `..`. */
export function baseOf(path: string, separators: RegExp = /\//): string {
  const last = path.split(separators).findLast((segment) => segment !== "") ?? ""
  return last === "." || last === ".." ? "" : last
}

/** The title of what is below a place: `media:` and `a.png` give `media:a.png`, `./b` and `a.png` give `./b/a.png`. */
export function titleBelow(title: string, rest: string): string {
  if (rest === "") return title
  return title === "" || /[:/\\]$/.test(title) ? title + rest : `${title}/${rest}`
}

/** A name in a directory, which may have a slash at its end: `""` is the root. */
export function below(directory: string, rest: string): string {
  const bare = directory.replace(/[/\\]+$/, "")
  return bare === "" || rest === "" ? bare + rest : `${bare}/${rest}`
}
