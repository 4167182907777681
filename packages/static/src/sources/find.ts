import type { SourceFile, StaticSource } from "../source.ts"
import { DEFAULT_IGNORE, ignoring } from "./ignore.ts"
import { checkName, shown } from "./option-checks.ts"

/** Where to look: what `defineStatic` gives, or sources alone. */
export interface StaticSources {
  readonly sources: readonly StaticSource[]
  /** Patterns of names that are not found. Default: `DEFAULT_IGNORE`. */
  readonly ignore?: readonly string[] | undefined
}

/**
 * The file that a name leads to: that of the first source that has one. No other file is looked at.
 * @param name as templates give it, by the rules that hold in production: no leading slash, no `..`, no backslash
 * @throws StaticError `invalid-name`, and what the sources throw
 */
export async function findStatic(where: StaticSources, name: string): Promise<SourceFile | undefined> {
  for await (const file of found(where, name)) return file
  return undefined
}

/** The files of this name in all sources, in their order: the first is the one that is used. */
export async function findStaticAll(where: StaticSources, name: string): Promise<SourceFile[]> {
  const files: SourceFile[] = []
  for await (const file of found(where, name)) files.push(file)
  return files
}

async function* found(
  { sources, ignore = DEFAULT_IGNORE }: StaticSources,
  name: string,
): AsyncGenerator<SourceFile, void, undefined> {
  checkName(name, shown(name), `Ask for a name below the static root, like "css/app.css".`)
  const ignored = ignoring(ignore)
  for (const source of sources) {
    const file = await source.find(name)
    // By its own name: it may have been found by an alias.
    if (file !== undefined && ignored.file(file.name) === undefined) yield file
  }
}
