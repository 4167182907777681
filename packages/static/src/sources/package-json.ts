import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { StaticError } from "../static-error.ts"

/** What of a package.json is read. */
export interface PackageJson {
  readonly path: string
  readonly fields: Readonly<Record<string, unknown>>
}

/** The package.json of a directory, or undefined where there is none. @throws StaticError `unreadable-source` */
export async function readPackageJson(directory: string): Promise<PackageJson | undefined> {
  const path = join(directory, "package.json")
  const text = await readText(path)
  if (text === undefined) return undefined
  try {
    // npm reads a byte order mark away too.
    const fields: unknown = JSON.parse(text.replace(/^\ufeff/, ""))
    if (isObject(fields)) return { path, fields }
  } catch (error) {
    throw new StaticError("unreadable-source", `${path} is no JSON: ${(error as Error).message}. Correct it.`, {
      cause: error,
      file: path,
    })
  }
  throw new StaticError("unreadable-source", `${path} must hold a JSON object. Correct it.`, { file: path })
}

/** The text of a file, or undefined where there is none. @throws StaticError `unreadable-source` */
export async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8")
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === "ENOENT" || code === "ENOTDIR") return undefined
    throw new StaticError("unreadable-source", `${path} can't be read: ${message}.`, { cause: error, file: path })
  }
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}
