/** Resolves when there is memory for so many bytes. */
export type Room = (bytes: number) => Promise<void>

/** A file of a source, before anything is done to it. */
export interface SourceFile {
  /** Below the static root, with `/`: `"css/app.css"`. A legal name of a storage. */
  readonly name: string
  /** Where it is, for messages: a path, or what its source calls it. */
  readonly origin: string
  /**
   * Its bytes, whole. Called once in a run.
   * @param room waited for by a source that knows the size before it takes the memory. Default: there is room
   */
  readonly read: (room?: Room) => Promise<Uint8Array>
  /**
   * A bundler has put a hash of the content into the name already (`assets/index-BX2c9.js`): it is published under this
   * name and cached for ever, and its content is left as it is. Default: false.
   */
  readonly hashed?: boolean | undefined
  /** More names by which it is asked for: what a bundler's own manifest calls it (`"src/main.ts"`). */
  readonly aliases?: readonly string[] | undefined
  /** Names of files that it loads by itself, where that is known without reading it: chunks of a bundle. */
  readonly imports?: readonly string[] | undefined
  /** Names of style sheets that a page loads with it, since it does not by itself. */
  readonly styles?: readonly string[] | undefined
}

/** Something that gives static files: a folder, the packages of a workspace, a bundler's output, a function. */
export interface StaticSource {
  /** For messages and listings: `"folder assets/"`. */
  readonly description: string
  /** Every file, in a stable order. Called once in a run. @throws StaticError `unreadable-source` */
  files(): AsyncIterable<SourceFile>
  /** The file of this name, without looking at all others: what development asks for. */
  find(name: string): Promise<SourceFile | undefined>
}
