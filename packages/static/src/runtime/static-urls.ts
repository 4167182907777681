/** What `preloadHeaders` takes. */
export interface PreloadOptions {
  /**
   * Whether the page loads the entry with `integrity` and `crossorigin`, as `scriptTag` and `styleTag` write them: browsers
   * use what is preloaded only for a request of the same kind, and load the file twice otherwise. Default: false.
   */
  readonly integrity?: boolean | undefined
  /** False where the page loads the entry as a classic script, which browsers ask for otherwise than for modules. Default: true. */
  readonly module?: boolean | undefined
}

/**
 * URLs of static files, by the names that they have in the sources: `"css/app.css"`. Nothing waits, so templates can call
 * it. `StaticFiles` gives the published files, `developmentStaticFiles` the sources'; both refuse the same names.
 */
export interface StaticUrls {
  /**
   * The public URL of a file. A query and a fragment stay: `"sprite.svg#icon"`, `"font.eot?#iefix"`. Characters that URLs
   * encode are given as they are in the file's name, and encoded here; a file whose own name holds `?` or `#` goes before.
   *
   * A name that ends in `/` gives the plain URL of that directory, whether it exists or not, for code that puts names of
   * its own behind it: such files are not found by their hashed names.
   * @throws StaticError `invalid-name` for what is no name below the static root: empty, absolute, with `.` or `..` or
   * nothing as a segment, with backslashes or control characters, a URL
   * @throws StaticError `unknown-name` for a name that no file has: the message tells the nearest
   */
  url(name: string): string
  /**
   * Subresource Integrity of a file: `"sha256-…"`. In development it is `""`, which browsers read as none: the file may
   * change between the page and its request. @throws StaticError like `url`; a directory is an `invalid-name`
   */
  integrity(name: string): string
  /**
   * A `Link` header that preloads a file and what it imports, each once: `<…>; rel=modulepreload; as=script; crossorigin`.
   * Scripts are taken for modules. What no browser preloads (pages, source maps) is left out: `""` where nothing is left.
   * @throws StaticError like `integrity`
   */
  preloadHeaders(entry: string, options?: PreloadOptions): string
  /**
   * Names of the style sheets that a page loads with an entry of a bundle and all that it imports, each once. In
   * development there are none: the bundler's own server brings them. @throws StaticError like `integrity`
   */
  styles(entry: string): readonly string[]
  /** Whether a file has this name: `url` would give its URL. False for directories and for bad names. */
  has(name: string): boolean
}
