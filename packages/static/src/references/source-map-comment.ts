/**
 * What follows the beginning of a comment that names a source map: `# sourceMappingURL=app.js.map`. `@` is the old form.
 * Quotes are refused so that a string that looks like a comment is none.
 * https://tc39.es/ecma426/#sec-MatchSourceMapURL
 */
const SOURCE_MAP_COMMENT = /^([@#][ \t]*sourceMappingURL=)([^\s'"`]+)\s*$/

/** The URL in the inner text of a comment, and how far from its beginning. */
export const sourceMapIn = (comment: string): { readonly url: string; readonly offset: number } | undefined => {
  const [, before, url] = SOURCE_MAP_COMMENT.exec(comment) ?? []
  return before === undefined || url === undefined ? undefined : { url, offset: before.length }
}

/** A comment has no escapes: what would end the URL or the comment is percent-encoded. */
export const writeSourceMapUrl = (url: string): string =>
  url.replace(/[\s'"`<>]/g, (character) => encodeURIComponent(character).replace("'", "%27")).replaceAll("*/", "%2A/")
