import * as fs from "node:fs/promises"
import type { LocalFileHandle, LocalFileSystem } from "@node-storages/local"

/** A system error. */
export function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: made by a test`), { code })
}

/** Told of each call, on the file system or on a handle (`"handle.write"`), before it is made: may throw instead. */
export type Hook = (call: string, path: string) => void

/** The real file system with a hook before each call. Closing happens in any case. */
export function hooked(hook: Hook): LocalFileSystem {
  const handleOf = (handle: fs.FileHandle, path: string): LocalFileHandle => {
    const before =
      <Arguments extends unknown[], Result>(call: string, work: (...all: Arguments) => Promise<Result>) =>
      async (...all: Arguments): Promise<Result> => {
        hook(`handle.${call}`, path)
        return work(...all)
      }
    return {
      read: before("read", (buffer, offset, length, position) => handle.read(buffer, offset, length, position)),
      write: before("write", (buffer, offset, length) => handle.write(buffer, offset, length)),
      stat: before("stat", () => handle.stat()),
      chmod: before("chmod", (mode) => handle.chmod(mode)),
      sync: before("sync", () => handle.sync()),
      async close() {
        await handle.close()
        hook("handle.close", path)
      },
    }
  }
  return new Proxy(fs, {
    get(target, name: keyof LocalFileSystem) {
      const real = target[name] as (...all: unknown[]) => Promise<unknown>
      return async (...all: unknown[]) => {
        hook(name, String(all.at(name === "link" || name === "rename" ? 1 : 0)))
        const result = await real(...all)
        return name === "open" ? handleOf(result as fs.FileHandle, String(all[0])) : result
      }
    },
  })
}
