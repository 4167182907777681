/** Digests of bytes, in hexadecimal. */
export interface Checksums {
  readonly md5?: string | undefined
  readonly sha1?: string | undefined
  readonly sha256?: string | undefined
  readonly sha512?: string | undefined
}

/** Headers that a file is stored with and served with. */
export interface FileHeaders {
  /** Media type. Default: by the name's extension, else `application/octet-stream`. */
  readonly contentType?: string | undefined
  /** `Cache-Control` of answers that serve the file. */
  readonly cacheControl?: string | undefined
  /** `Content-Disposition`, RFC 6266. */
  readonly contentDisposition?: string | undefined
  /** `Content-Encoding` that the bytes are already in: the storage does not encode. */
  readonly contentEncoding?: string | undefined
  /** `Content-Language`. */
  readonly contentLanguage?: string | undefined
  /** Custom metadata. Keys are lower case on services that carry them as headers. */
  readonly metadata?: Readonly<Record<string, string>> | undefined
}

/** What a storage knows of a file. */
export interface FileInfo extends FileHeaders {
  readonly name: string
  /** In bytes. */
  readonly size: number
  /** When the bytes were last written. */
  readonly modified: Date
  /** HTTP entity tag in its quotes: changes when the bytes do. What it is made of is the service's own. */
  readonly etag?: string | undefined
  /** Digests of the stored bytes that the service keeps and tells by itself: none is computed for it. */
  readonly checksum?: Checksums | undefined
  /**
   * Whether the storage decodes the file when it is read, as with the option `gzip` of an adapter: `size`, `etag`,
   * `contentEncoding` and `checksum` are then those of the encoded bytes that it keeps, and not of the bytes that
   * reading gives. Listings that carry no headers don't tell it.
   */
  readonly decoded?: boolean | undefined
}
