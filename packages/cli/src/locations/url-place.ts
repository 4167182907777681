import { statSync } from "node:fs"

/** A URL of the command line as the URL of a storage and the name of a file in it. */
export interface UrlPlace {
  readonly storage: string
  /** `""` where the URL names a storage as a whole: it has no path, or its path ends with a slash. */
  readonly name: string
}

/**
 * Takes the last segment of a URL's path for a name: `s3://bucket/a/b.png?region=x` is `b.png` in
 * `s3://bucket/a?region=x`.
 * @param url what can't be parsed is left as it is: making the storage tells what is wrong
 */
export function splitUrl(url: string): UrlPlace {
  if (!URL.canParse(url)) return { storage: url, name: "" }
  const parsed = new URL(url)
  const { pathname } = parsed
  const end = pathname.lastIndexOf("/")
  const name = decoded(pathname.slice(end + 1))
  if (name === undefined || name === "") return { storage: url, name: "" }
  // A bucket's location is written without slashes at its ends; the root of a file system is one.
  parsed.pathname = end === 0 && parsed.protocol !== "file:" ? "" : pathname.slice(0, Math.max(end, 1))
  return { storage: parsed.href, name }
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

/** Whether it is the `file:` URL of a folder that is there. */
export function isFolderUrl(url: string): boolean {
  try {
    return /^file:/i.test(url) && statSync(new URL(url)).isDirectory()
  } catch {
    return false
  }
}
