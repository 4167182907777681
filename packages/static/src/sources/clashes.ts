import type { SourceFile } from "../source.ts"
import { StaticError } from "../static-error.ts"
import { shown } from "./option-checks.ts"

/** More than these would only fill a screen. */
const MOST_SHOWN = 50

/**
 * Names that can't stand beside each other wherever they are published: a folder on macOS or Windows knows no
 * difference of case or of Unicode's normal forms, and can't hold both a file `a` and a file `a/b`.
 * @param files with different names
 * @throws StaticError `name-clash`, naming all of them
 */
export function checkClashes(files: readonly SourceFile[]): void {
  const clashes = [...likeNames(files), ...filesAsDirectories(files), ...likeAliases(files)]
  if (clashes.length === 0) return
  const lines = clashes.slice(0, MOST_SHOWN).map((clash) => `- ${clash}`)
  if (clashes.length > MOST_SHOWN) lines.push(`- and ${clashes.length - MOST_SHOWN} more`)
  const subject = clashes.length === 1 ? "Names can't be published together" : "Names can't be published together, in "
  const count = clashes.length === 1 ? "" : `${clashes.length} cases`
  throw new StaticError(
    "name-clash",
    `${subject}${count}. Rename one of each, give its source a prefix, or leave it out with ignore:\n` +
      lines.join("\n"),
  )
}

function folded(name: string): string {
  return name.normalize("NFC").toLowerCase().normalize("NFC")
}

function described({ name, origin }: SourceFile): string {
  return `${shown(name)} (${origin})`
}

function* likeNames(files: readonly SourceFile[]): Generator<string> {
  const groups = Map.groupBy(files, ({ name }) => folded(name))
  for (const group of groups.values()) {
    if (group.length === 1) continue
    const sameCase = new Set(group.map(({ name }) => name.normalize("NFC"))).size === 1
    const difference = sameCase ? "Unicode normalisation" : "case"
    yield `${group.map(described).join(" and ")} differ only by ${difference}`
  }
}

function* filesAsDirectories(files: readonly SourceFile[]): Generator<string> {
  const byName = new Map(files.map((file) => [folded(file.name), file]))
  const told = new Set<SourceFile>()
  for (const file of files) {
    const name = folded(file.name)
    for (let slash = name.indexOf("/"); slash !== -1; slash = name.indexOf("/", slash + 1)) {
      const above = byName.get(name.slice(0, slash))
      // Once for each file: all that a directory holds would say the same again.
      if (above === undefined || told.has(above)) continue
      told.add(above)
      yield `${described(above)} is a file, and ${described(file)} needs a directory of that name`
    }
  }
}

function* likeAliases(files: readonly SourceFile[]): Generator<string> {
  if (files.every(({ aliases }) => aliases === undefined || aliases.length === 0)) return
  const asked = new Map(files.map((file) => [file.name, file]))
  for (const file of files) {
    for (const alias of file.aliases ?? []) {
      const other = asked.get(alias)
      if (other !== undefined && other !== file) {
        yield `${shown(alias)} is a name or an alias of both ${described(other)} and ${described(file)}`
      } else asked.set(alias, file)
    }
  }
}
