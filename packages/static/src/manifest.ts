/** Encodings of compressed siblings, by the ending that web servers look for. */
export type Encoding = "br" | "gzip" | "zstd"

/** What is known of a published file. */
export interface ManifestEntry {
  /** The name that it is published under: `"css/app.3f9a1c0b2d4e.css"`. */
  readonly name: string
  /** In bytes, uncompressed. */
  readonly size: number
  /** Subresource Integrity of the published bytes: `"sha256-…"`. https://www.w3.org/TR/SRI/ */
  readonly integrity: string
  /** Sizes in bytes of the compressed siblings that were kept. */
  readonly encodings?: Readonly<Partial<Record<Encoding, number>>> | undefined
  /** Names of this manifest that it loads by itself: styles and modules that it imports, for preloading. */
  readonly imports?: readonly string[] | undefined
  /** Names of this manifest: style sheets that a page loads with it, as its bundler tells. */
  readonly styles?: readonly string[] | undefined
}

/** What is known of a file that is published under a name that does not change with its content. */
export interface PlainRecord {
  /** Of the published bytes, in hexadecimal. */
  readonly sha256: string
  /** The entity tag that it was stored with: where a listing tells no digest, another tag is another file. */
  readonly etag?: string | undefined
}

/** The headers that files were published with, since listings of some services don't tell them. */
export interface HeaderRecord {
  /** Of most files under hashed names, by their ending: `".css"`, `".css.br"`. */
  readonly hashed: Readonly<Record<string, string>>
  /** Of most files under plain names, by their ending. */
  readonly plain: Readonly<Record<string, string>>
  /** Of the files that differ from most, by their published names. */
  readonly names: Readonly<Record<string, string>>
}

/** What `collect` has published, by the names that templates ask for. */
export interface Manifest {
  readonly version: 1
  readonly files: Readonly<Record<string, ManifestEntry>>
  /** By published names: what the next collect compares plain files with. */
  readonly plain?: Readonly<Record<string, PlainRecord>> | undefined
  readonly headers?: HeaderRecord | undefined
}
