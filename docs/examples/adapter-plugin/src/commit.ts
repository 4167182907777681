import { abortError, StorageError } from "@node-storages/core"
import { commit, orAborted, takenError } from "@node-storages/core/adapter"
import { STATUS, statusOf, unlessMissing } from "./errors.ts"
import { directoryInTheWay, type Folder } from "./folder.ts"
import type { Session } from "./session.ts"
import type { Wait } from "./write-body.ts"

export interface CommitPlace {
  readonly folder: Folder
  readonly session: Session
  /** For messages. */
  readonly target: string
  readonly wait: Wait
}

export interface CommitOptions {
  readonly signal?: AbortSignal | undefined
  readonly ifAbsent?: boolean | undefined
  readonly nextKey?: (() => string) | undefined
}

/** A file whose name others take and free all the time is given up after so many attempts. */
const MOST_ATTEMPTS = 100

/**
 * Gives a whole file its name, by one atomic act of the server: a hard link creates, a POSIX rename replaces.
 * @param from where the file is now. After a link it is there still; after a rename it is not
 * @returns the key that it got
 */
export async function commitFile(
  { folder, session, target, wait }: CommitPlace,
  from: string,
  key: string,
  { signal, ifAbsent, nextKey }: CommitOptions,
): Promise<string> {
  checkExtensions(session, ifAbsent, target)
  for (let attempt = 1; ; attempt++) {
    const path = folder.path(key)
    try {
      await commit(signal, (cut) => {
        const act = ifAbsent ? session.link(from, path) : session.rename(from, path)
        return orAborted(act, cut, (aborted) => abortError(aborted, "write"))
      })
      return key
    } catch (error) {
      if (attempt === MOST_ATTEMPTS) throw error
      switch (statusOf(error)) {
        case STATUS.noSuchFile:
          // The folder is missing, or has been pruned meanwhile; or the file is.
          if ((await wait(unlessMissing(session.lstat(from)))) === undefined) throw lostFile(key, error)
          await wait(folder.makeParent(session, path, key))
          continue
        case STATUS.failure: {
          // That the name is taken is one of many things that a server calls a failure.
          const there = await wait(unlessMissing(session.lstat(path)))
          if (!ifAbsent) throw there?.isDirectory() ? directoryInTheWay(key, error) : error
          if (there !== undefined) {
            if (nextKey === undefined) throw takenError(target, key, error)
            key = nextKey()
            continue
          }
          // It was taken, and is free again; or the server can't link at all.
          if (attempt < MOST_ATTEMPTS / 10) continue
          throw error
        }
        default:
          throw error
      }
    }
  }
}

/**
 * Nothing is done in a way that is not atomic: what a server has instead of an extension (a look and a rename) lets two
 * writers win, or leaves no file for a moment.
 * @throws StorageError `unsupported`
 */
export function checkExtensions({ extensions }: Session, ifAbsent: boolean | undefined, target: string): void {
  const missing = ifAbsent ? !extensions.link : !extensions.rename
  if (!missing) return
  const [extension, what, wayOut] = ifAbsent
    ? [
        "hardlink@openssh.com",
        "be created without the risk of replacing another",
        'Save with "overwrite: true" and unique names',
      ]
    : ["posix-rename@openssh.com", "replace another in one act", "Write with ifAbsent"]
  throw new StorageError(
    "unsupported",
    `The server of ${target} offers no ${extension}, without which no file can ${what}: it has none, or lets this user only read. ` +
      `${wayOut}, or use a server that has it, as OpenSSH.`,
  )
}

function lostFile(key: string, cause: unknown): StorageError {
  return new StorageError(
    "conflict",
    `What was to become ${JSON.stringify(key)} was removed before: the stream paused for longer than a sweep allows, or somebody cleans up on the server. Nothing was stored.`,
    { key, cause },
  )
}
