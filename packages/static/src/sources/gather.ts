import { compareKeys, throwIfAborted } from "@node-storages/core"
import type { SourceFile, StaticSource } from "../source.ts"
import { checkClashes } from "./clashes.ts"
import { DEFAULT_IGNORE, type Ignore, type IgnoredFile, ignoring } from "./ignore.ts"
import { checkName, shown } from "./option-checks.ts"
import { isIgnored, type Met, WalkedSource } from "./walked-source.ts"

export interface GatherOptions {
  /** Patterns, as `ignoring` takes them, of published names. They take the place of the default: `DEFAULT_IGNORE`. */
  readonly ignore?: readonly string[] | undefined
  readonly signal?: AbortSignal | undefined
}

/** A name that more than one source gives. */
export interface DuplicateFile {
  readonly name: string
  /** The origin of the file that is used: the first. */
  readonly kept: string
  /** The origins of the others, in the order of their sources. */
  readonly dropped: readonly string[]
}

export interface Gathered {
  /** By the bytes of their names. */
  readonly files: readonly SourceFile[]
  /** In the order in which they were met. */
  readonly ignored: readonly IgnoredFile[]
  /** By the bytes of their names. */
  readonly duplicates: readonly DuplicateFile[]
}

/**
 * The files of all sources. Where several give the same name, the first one's file is used. No file is read.
 * @throws StaticError `name-clash`, `invalid-name`, and what the sources throw; StorageError `aborted`
 */
export async function gather(sources: readonly StaticSource[], options: GatherOptions = {}): Promise<Gathered> {
  const ignore = ignoring(options.ignore ?? DEFAULT_IGNORE)
  const kept = new Map<string, SourceFile>()
  const dropped = new Map<string, string[]>()
  const ignored: IgnoredFile[] = []
  throwIfAborted(options.signal, "collect")
  for (const source of sources) {
    for await (const met of metIn(source, ignore)) {
      throwIfAborted(options.signal, "collect")
      if (isIgnored(met)) {
        ignored.push(met)
        continue
      }
      const others = dropped.get(met.name)
      if (others !== undefined) others.push(met.origin)
      else if (kept.has(met.name)) dropped.set(met.name, [met.origin])
      else kept.set(met.name, met)
    }
  }
  const files = [...kept.values()].toSorted((a, b) => compareKeys(a.name, b.name))
  checkClashes(files)
  const duplicates = [...dropped]
    .map(([name, origins]) => ({ name, kept: kept.get(name)!.origin, dropped: origins }))
    .toSorted((a, b) => compareKeys(a.name, b.name))
  return { files, ignored, duplicates }
}

/** What a source holds. One that knows nothing of patterns has them applied to what it gives. */
async function* metIn(source: StaticSource, ignore: Ignore): AsyncGenerator<Met, void, undefined> {
  if (source instanceof WalkedSource) return yield* source.walk(ignore)
  for await (const file of source.files()) {
    checkName(file.name, `The name ${shown(file.name)} that ${source.description} gives`, "Change the source.")
    for (const alias of file.aliases ?? []) {
      checkName(alias, `The alias ${shown(alias)} that ${source.description} gives`, "Change the source.")
    }
    const pattern = ignore.file(file.name)
    yield pattern === undefined ? file : { name: file.name, origin: file.origin, pattern }
  }
}
