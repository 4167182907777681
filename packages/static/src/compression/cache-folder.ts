import { existsSync } from "node:fs"
import { homedir } from "node:os"
import { join } from "node:path"

const BELOW = ["node-storages", "compression"]

/** What the default depends on: the process's own, unless a test says otherwise. */
export interface CacheSurroundings {
  readonly workingDirectory?: string
  readonly platform?: NodeJS.Platform
  readonly environment?: Readonly<Record<string, string | undefined>>
}

/**
 * Where compressed bytes are kept by default: `node_modules/.cache/node-storages/compression` under the working
 * directory if that has a `node_modules`, else the user's own folder for caches. Never a folder that users share: what
 * another one puts there would be published.
 */
export function defaultCacheFolder({
  workingDirectory = process.cwd(),
  platform = process.platform,
  environment = process.env,
}: CacheSurroundings = {}): string {
  const nodeModules = join(workingDirectory, "node_modules")
  if (existsSync(nodeModules)) return join(nodeModules, ".cache", ...BELOW)
  return join(userCacheFolder(platform, environment), ...BELOW)
}

/** https://specifications.freedesktop.org/basedir/latest/, and its counterparts of macOS and Windows. */
function userCacheFolder(
  platform: NodeJS.Platform,
  environment: NonNullable<CacheSurroundings["environment"]>,
): string {
  if (platform === "darwin") return join(homedir(), "Library", "Caches")
  const set = platform === "win32" ? environment["LOCALAPPDATA"] : environment["XDG_CACHE_HOME"]
  if (set) return set
  return platform === "win32" ? join(homedir(), "AppData", "Local") : join(homedir(), ".cache")
}
