import type { FileInfo } from "@node-storages/core"
import type { Command } from "commander"
import type { ExitCode } from "../exit-codes.ts"
import { bytes, columns, count, moment } from "../output/text.ts"
import type { Session } from "../session.ts"
import { type Bind, define } from "./define.ts"
import { eachFile } from "./each-file.ts"

export function statCommand(bind: Bind): Command {
  return define("stat", "show what a storage knows of files: size, time, type, headers, metadata, digests", [
    "stat media:avatars/me.png",
    "stat --json media:report.pdf ./report.pdf",
  ])
    .argument("<file...>", "files: media:avatars/me.png, ./me.png")
    .action(bind(showFiles))
}

async function showFiles(session: Session, _options: unknown, texts: string[]): Promise<ExitCode> {
  const { output, signal } = session
  let shown = 0
  return await eachFile(session, texts, async ({ storage, name }) => {
    const info = await storage.stat(name, { signal })
    const text = columns(rowsOf(info)).join("\n")
    await output.result(shown++ === 0 ? text : `\n${text}`, info)
  })
}

/** All that is known, one line each. */
function rowsOf(info: FileInfo): [string, string][] {
  const { name, size, modified, etag, checksum = {}, decoded, metadata = {}, ...headers } = info
  const shownSize = size < 1000 ? count(size, "byte") : `${count(size, "byte")} (${bytes(size)})`
  const rows: [string, string | undefined][] = [
    ["name", name],
    ["size", shownSize],
    ["modified", moment(modified)],
    ["content-type", headers.contentType],
    ["cache-control", headers.cacheControl],
    ["content-disposition", headers.contentDisposition],
    ["content-encoding", headers.contentEncoding],
    ["content-language", headers.contentLanguage],
    ["etag", etag],
    ["decoded", decoded ? "yes: size, etag and digests are those of the encoded bytes" : undefined],
    ...Object.entries(checksum),
    ...Object.entries(metadata).map(([key, value]): [string, string] => [`metadata ${key}`, value]),
  ]
  return rows.filter((row): row is [string, string] => row[1] !== undefined).map(([key, value]) => [`${key}:`, value])
}
