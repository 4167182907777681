/** A place in a text that names another file. */
export interface Reference {
  /** Where the text to be replaced begins, in UTF-16 code units. */
  readonly start: number
  /** Where it ends, exclusive. */
  readonly end: number
  /** The URL as it is meant: escapes of the language (CSS, JavaScript, HTML entities, JSON) are undone. */
  readonly url: string
  /**
   * For messages: `"css-url"`, `"css-import"`, `"js-import"`, `"js-dynamic-import"`, `"js-url"`, `"html"`,
   * `"manifest"`, `"source-map"`. Only `"css-import"` and `"js-import"` are loaded by the file itself, whatever happens.
   */
  readonly kind: string
  /**
   * What it is where it leads nowhere: a warning for source maps, nothing where the text may be no URL at all (keys of
   * import maps, placeholders of templates).
   */
  readonly unresolved: "error" | "warning" | "ignored"
  /** The text that stands for another URL in this place, quoted and escaped as the language asks. */
  readonly write: (url: string) => string
  /** The Subresource Integrity that is asked of the file. */
  readonly integrity?: IntegrityPlace | undefined
}

export const MEBIBYTE: number = 1024 * 1024

/** A tree of a text with all places takes sixty times its size. */
export const LARGEST_TREE: number = 16 * MEBIBYTE

/** Where a digest of the file stands that a reference leads to. Never inside the reference, nor around it. */
export interface IntegrityPlace {
  readonly start: number
  readonly end: number
  /** As it is meant: `"sha384-…"`, also several. https://www.w3.org/TR/SRI/ */
  readonly value: string
  readonly write: (value: string) => string
}

/** Finds the references of one language. */
export interface ReferenceReader {
  /** The names that it reads, by extension with dot in lower case. */
  readonly extensions: readonly string[]
  /** Files of more bytes are not read: they would take all memory there is. */
  readonly mostBytes: number
  /**
   * A glance at the text that spares the parser. False only where `read` would find nothing; true promises nothing.
   * Default: every text is read.
   */
  readonly mayRefer?: ((text: string) => boolean) | undefined
  /** Every reference that is local, by position, none inside another. Text that is broken gives those that can be told, never a throw. */
  readonly read: (text: string) => readonly Reference[]
}
