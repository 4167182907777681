import type { CollectReport } from "@node-storages/static"
import type { Output } from "../../output/output.ts"
import { bytes, count, figure, printable } from "../../output/text.ts"

/** Warnings of one kind that are told; with `--verbose` all are. */
const MOST_TOLD = 20

/** What a person should look at: names that several sources have, references, and what was left out. */
export function tellFindings(output: Output, { duplicates, problems, warnings, ignored }: CollectReport): void {
  warnAll(
    output,
    duplicates.map(({ name, kept, dropped }) => {
      return `${name} is in more than one source: ${kept} is used, ${dropped.join(", ")} is not`
    }),
  )
  warnAll(
    output,
    problems.map(({ file, line, column, reference, reason }) => `${file}:${line}:${column} ${reference}: ${reason}`),
  )
  warnAll(output, warnings)
  if (ignored.length > 0) output.detail(`${count(ignored.length, "file")} left out by patterns of ignore:`)
  for (const name of ignored) output.detail(`  ${printable(name)}`)
}

function warnAll(output: Output, messages: readonly string[]): void {
  const most = output.verbose ? Infinity : MOST_TOLD
  for (const message of messages.slice(0, most)) output.warn(message)
  if (messages.length > most) output.warn(`and ${messages.length - most} more like this; --verbose tells all`)
}

/** `78 static files, 312 files in all: 24 written (1.2 MB), 288 unchanged. https://static.example.com/ is ready.` */
export function lastLine({ files, published }: CollectReport, place: string): string {
  const { written, unchanged, bytesWritten, dryRun } = published
  const stored = written + unchanged
  // With their plain names and compressed siblings.
  const head = `${count(files, "static file")}${stored === files ? "" : `, ${count(stored, "file")} in all`}`
  const size = written === 0 ? "" : ` (${bytes(bytesWritten)})`
  if (dryRun)
    return `${head}: ${figure(written)} to write${size}, ${figure(unchanged)} unchanged. Dry run: nothing was stored.`
  return `${head}: ${figure(written)} written${size}, ${figure(unchanged)} unchanged. ${place} is ready.`
}
