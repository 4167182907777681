// Where the sources are to be seen: links that leave docs/ lead there.
import { readFileSync } from "node:fs"
import { dirname } from "node:path"
import { fileURLToPath } from "node:url"

export const ROOT: string = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

const { repository } = JSON.parse(readFileSync(new URL("../../packages/core/package.json", import.meta.url), "utf8"))

/** "https://github.com/…" */
export const REPOSITORY: string = repository.url.replace(/^git\+|\.git$/g, "")

/** The page that shows a file or folder of the repository. */
export function sourceUrl(path: string, kind: "blob" | "tree" = "blob"): string {
  return `${REPOSITORY}/${kind}/main/${path}`
}
