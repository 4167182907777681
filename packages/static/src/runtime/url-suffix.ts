/** What neither a URL nor a header can hold as it is. `%` stays: what a template has encoded is not encoded twice. */
const UNSAFE = /["<>`\s]|[^\u0021-\u007e]/gu

/** The text with what can't stand in a URL percent-encoded. Text that is a URL already stays as it is. */
export function encodeUnsafe(text: string): string {
  return text.replace(UNSAFE, (character) => encodeURIComponent(character.toWellFormed()))
}

/**
 * A suffix comes from anywhere, and not every engine escapes single quotes (Pug does not). They go by hand:
 * `encodeURIComponent` leaves them.
 */
function encodeSuffix(suffix: string): string {
  return encodeUnsafe(suffix).replaceAll("'", "%27")
}

/** The URL with a query and a fragment behind it. A query that it has (of a base URL) stays, and goes first. */
export function addSuffix(url: string, suffix: string): string {
  if (suffix === "") return url
  const { path, query, fragment } = urlParts(url)
  const added = urlParts(encodeSuffix(suffix))
  if (query === "" || added.query === "") return path + (query || added.query) + (added.fragment || fragment)
  const merged = added.query === "?" ? query : `${query}&${added.query.slice(1)}`
  return path + merged + (added.fragment || fragment)
}

/** The URL of the directory whose URL was made as a file's: with a slash at the end of the path. */
export function directoryUrl(url: string): string {
  const { path, query, fragment } = urlParts(url)
  return (path.endsWith("/") ? path : `${path}/`) + query + fragment
}

function urlParts(url: string): { path: string; query: string; fragment: string } {
  const hash = url.indexOf("#")
  const whole = hash === -1 ? url : url.slice(0, hash)
  const mark = whole.indexOf("?")
  return {
    path: mark === -1 ? whole : whole.slice(0, mark),
    query: mark === -1 ? "" : whole.slice(mark),
    fragment: hash === -1 ? "" : url.slice(hash),
  }
}
