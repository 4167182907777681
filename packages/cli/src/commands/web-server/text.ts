import type { Site } from "./sites.ts"

export const FOR_EVER = "public, max-age=31536000, immutable"
export const A_MINUTE = "public, max-age=60"
export const AN_HOUR = "public, max-age=3600"
/** The names that collect gives: twelve hexadecimal digits before the extensions. */
export const HASHED_NAME: string = String.raw`\.[0-9a-f]{12}(\.[^/]*)?$`

/** Sites by the server that they belong to, in their order. */
export function byServer(sites: readonly Site[]): readonly (readonly Site[])[] {
  return [...Map.groupBy(sites, ({ origin, host }) => origin ?? host ?? "").values()]
}

/** Whether a site is all of its server; else it is a location in it. */
export function isWhole(sites: readonly Site[]): boolean {
  return sites.length === 1 && sites[0]!.path === "/"
}

export function indented(lines: readonly string[], indent: string): string[] {
  return lines.map((line) => (line === "" ? "" : indent + line))
}

/** A word of a configuration, in quotes where it has to be. */
export function word(text: string): string {
  return /^[\w./+@~:-]+$/.test(text) ? text : `"${text}"`
}

/** A text in a regular expression. */
export function literal(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
}
