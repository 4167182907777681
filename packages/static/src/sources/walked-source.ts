import type { SourceFile, StaticSource } from "../source.ts"
import { type Ignore, IGNORE_NOTHING, type IgnoredFile } from "./ignore.ts"

/** What a walk meets. */
export type Met = SourceFile | IgnoredFile

/**
 * A source on disk. It is told what is ignored before it looks: a directory that is ignored is not read, and what is
 * ignored may have a name or a kind that would be an error otherwise.
 */
export abstract class WalkedSource implements StaticSource {
  abstract readonly description: string

  /** Every file, and what was left out, by patterns that are matched against published names. */
  abstract walk(ignore: Ignore): AsyncIterable<Met>

  abstract find(name: string): Promise<SourceFile | undefined>

  /** The absolute paths of the folders that files come from. */
  abstract folders(): Promise<readonly string[]>

  async *files(): AsyncGenerator<SourceFile, void, undefined> {
    for await (const met of this.walk(IGNORE_NOTHING)) if (!isIgnored(met)) yield met
  }
}

export function isIgnored(met: Met): met is IgnoredFile {
  return "pattern" in met
}
