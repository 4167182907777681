import { rmSync } from "node:fs"
import { join } from "node:path"
import { appFolder } from "./app-folder.ts"

export const CONFIG = "storages.config.ts"

/** An app without a configuration. */
export function newApp(files: Readonly<Record<string, string>> = {}): string {
  const folder = appFolder(files)
  rmSync(join(folder, CONFIG))
  return folder
}
