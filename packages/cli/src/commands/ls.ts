import type { FileInfo } from "@node-storages/core"
import type { Command } from "commander"
import { EXIT, type ExitCode } from "../exit-codes.ts"
import { columns, bytes, moment } from "../output/text.ts"
import type { Session } from "../session.ts"
import { type Bind, define } from "./define.ts"

interface LsOptions {
  readonly long?: boolean
  readonly recursive?: boolean
}

export function lsCommand(bind: Bind): Command {
  return define("ls", "list the files of a storage or folder", ["ls media:", "ls -l media:avatars/", "ls -r ./public"])
    .argument("[place]", "a directory: media:avatars, ./folder, s3://bucket")
    .option("-l, --long", "with size, time and type of each file")
    .option("-r, --recursive", "all levels, not just one")
    .action(bind<LsOptions>(list))
}

async function list(
  session: Session,
  { long = false, recursive = false }: LsOptions,
  text?: string,
): Promise<ExitCode> {
  const { storage, name } = await session.place(text ?? "", "storage")
  const { output, signal } = session
  const told = async (info: FileInfo): Promise<void> => {
    await output.result(long ? longLine(info) : info.name, info)
  }
  let found = false
  if (recursive) {
    for await (const info of storage.list(name, { signal })) {
      found = true
      await told(info)
    }
  } else {
    const { directories, files } = await storage.listdir(name, { signal })
    found = directories.length + files.length > 0
    for (const directory of directories) {
      await output.result(long ? longDirectory(directory) : `${directory}/`, { directory })
    }
    for (const info of files) await told(info)
  }
  // A file's own name lists nothing, and is what was asked for.
  if (found || name === "" || name.endsWith("/")) return EXIT.done
  await told(await storage.stat(name, { signal }))
  return EXIT.done
}

const SIZE_WIDTH = 9

function longLine({ name, size, modified, contentType = "" }: FileInfo): string {
  const [line] = columns([[bytes(size).padStart(SIZE_WIDTH), moment(modified), contentType.padEnd(24), name]])
  return line!
}

function longDirectory(directory: string): string {
  return `${" ".repeat(SIZE_WIDTH)}  ${" ".repeat(20)}  ${" ".repeat(24)}  ${directory}/`
}
