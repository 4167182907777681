import type { FileHeaders, Storage } from "@node-storages/core"
import { CommandError, usageError } from "../../command-error.ts"
import { EXIT } from "../../exit-codes.ts"
import type { Place } from "../../locations/place.ts"
import { Progress } from "../../output/progress.ts"
import { bytes } from "../../output/text.ts"
import type { Session } from "../../session.ts"

/** What stands for standard input or output on the command line. */
export const STANDARD = "-"

/** Stores what comes in, whatever its size: it is never held in memory as a whole. */
export async function storeInput(
  session: Session,
  to: Place,
  { headers, ifAbsent }: { headers: FileHeaders; ifAbsent: boolean },
): Promise<void> {
  const { output, signal } = session
  if (to.directory) throw usageError(`Standard input has no name: give it one, as in ${nameIn(to.title)}.`)
  const progress = new Progress(output, "Copying")
  try {
    const info = await to.storage.write(to.name, process.stdin, {
      ...headers,
      signal,
      ifAbsent,
      onProgress: ({ loaded }) => progress.step({ done: 0, bytes: loaded, current: to.title }),
    })
    await output.result(`Copied 1 file, ${bytes(info.size)}.`, {
      copied: 1,
      bytes: info.size,
      failed: 0,
      dryRun: false,
    })
  } catch (error) {
    if (!signal.aborted) throw error
    throw new CommandError(
      "aborted",
      `Stopped: nothing was stored under ${to.title}. What came in has to be sent again.`,
      EXIT.interrupted,
    )
  } finally {
    progress.end()
  }
}

function nameIn(title: string): string {
  return title.endsWith("/") || title.endsWith(":") ? `${title}name` : `${title}/name`
}

/** Writes the bytes of a file to standard output, as fast as they are read there. */
export async function writeOut(session: Session, storage: Storage, name: string): Promise<void> {
  const { output, signal } = session
  for await (const chunk of storage.open(name, { signal })) await output.write(chunk)
}
