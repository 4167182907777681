import type { Command } from "commander"
import { usageError } from "../command-error.ts"
import type { ExitCode } from "../exit-codes.ts"
import type { Session } from "../session.ts"
import { writeOut } from "./copying/standard-streams.ts"
import { type Bind, define } from "./define.ts"
import { eachFile } from "./each-file.ts"

export function catCommand(bind: Bind): Command {
  return define("cat", "write the bytes of files to standard output", [
    "cat media:notes.txt",
    "cat backup:shop.sql.gz | gunzip > shop.sql",
  ])
    .argument("<file...>", "files, one after the other: media:notes.txt, ./notes.txt")
    .action(bind(writeFiles))
}

async function writeFiles(session: Session, _options: unknown, texts: string[]): Promise<ExitCode> {
  if (session.output.json) throw usageError("cat writes the bytes as they are: it takes no --json.")
  return await eachFile(session, texts, ({ storage, name }) => writeOut(session, storage, name))
}
