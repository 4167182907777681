import { type Command, Option } from "commander"
import type { FileHeaders } from "@node-storages/core"
import { usageError } from "../../command-error.ts"

export interface HeaderOptions {
  readonly contentType?: string
  readonly cacheControl?: string
  readonly contentDisposition?: string
  readonly metadata?: readonly string[]
}

/** Adds options for what a file is stored with. */
export function withHeaderOptions(command: Command): Command {
  return command
    .option("--content-type <type>", "the media type that the copies have: text/html")
    .option("--cache-control <text>", 'the Cache-Control that they are served with: "public, max-age=60"')
    .option("--content-disposition <text>", "the Content-Disposition that they are served with")
    .addOption(
      new Option("--metadata <key=value>", "metadata in place of that of the source; can be given again").argParser(
        (pair: string, given: readonly string[] | undefined) => [...(given ?? []), pair],
      ),
    )
}

/** The headers that were given. @throws CommandError for metadata without `=` */
export function headersOf(options: HeaderOptions): FileHeaders {
  const { contentType, cacheControl, contentDisposition, metadata } = options
  return {
    ...(contentType !== undefined && { contentType }),
    ...(cacheControl !== undefined && { cacheControl }),
    ...(contentDisposition !== undefined && { contentDisposition }),
    ...(metadata !== undefined && { metadata: Object.fromEntries(metadata.map(pairOf)) }),
  }
}

function pairOf(text: string): [string, string] {
  const end = text.indexOf("=")
  if (end > 0) return [text.slice(0, end), text.slice(end + 1)]
  throw usageError(
    `--metadata takes key=value, not ${JSON.stringify(text)}: --metadata owner=anna --metadata state=draft`,
  )
}
