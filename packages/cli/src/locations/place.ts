import type { Storage } from "@node-storages/core"

/** Where a file or folder is that the command line names. */
export interface Place {
  readonly storage: Storage
  /** The name of a file or directory in it, `""` for its root. A trailing slash, where one was given, is kept. */
  readonly name: string
  /** As people write it: `media:avatars/me.png`, `./me.png`. */
  readonly title: string
  /** A folder of this machine that no storage was configured for. */
  readonly local: boolean
}

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
 */
export function parsePlace(text: string, storages: readonly string[] = []): ParsedPlace {
  if (URL_START.test(text)) return { kind: "url", url: text }
  if (LOCAL_START.test(text)) return { kind: "local", path: text }
  const [, storage, name] = STORAGE_START.exec(text) ?? []
  if (storage === undefined || name === undefined) return { kind: "plain", name: text }
  const isDrive = process.platform === "win32" && storage.length === 1 && !storages.includes(storage)
  return isDrive ? { kind: "local", path: text } : { kind: "storage", storage, name }
}
