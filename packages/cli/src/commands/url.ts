import type { Command } from "commander"
import type { Duration } from "@node-storages/core"
import type { ExitCode } from "../exit-codes.ts"
import type { Session } from "../session.ts"
import { type Bind, define } from "./define.ts"
import { eachFile } from "./each-file.ts"

interface UrlOptions {
  readonly expiresIn?: string
  readonly download?: string | boolean
}

export function urlCommand(bind: Bind): Command {
  return define("url", "print the URL of a file: public, or signed as the storage is configured", [
    "url media:avatars/me.png",
    "url media:report.pdf --expires-in 10m --download",
  ])
    .argument("<file...>", "files of storages: media:avatars/me.png")
    .option("--expires-in <duration>", "how long a signed URL is valid: 10m, 1h, 7d")
    .option("--download [name]", "make browsers save the file, under this name or its own")
    .action(bind<UrlOptions>(printUrls))
}

async function printUrls(session: Session, { expiresIn, download }: UrlOptions, files: string[]): Promise<ExitCode> {
  return await eachFile(session, files, async ({ storage, name }) => {
    const url = await storage.url(name, {
      signal: session.signal,
      ...(expiresIn !== undefined && { expiresIn: durationOf(expiresIn) }),
      ...(download !== undefined && { download }),
    })
    await session.output.result(url, { name, url })
  })
}

/** A number is seconds; the storage checks the rest. */
function durationOf(text: string): Duration {
  return /^\d+$/.test(text) ? Number(text) : (text as Duration)
}
