import { type Command, InvalidArgumentError, Option } from "commander"

/** What the commands that print configurations of web servers take. */
export interface ServerOptions {
  readonly serverName?: string
  readonly root?: string
  readonly media?: boolean
}

export function serverOptions(command: Command): Command {
  return command
    .addOption(
      new Option("--server-name <name>", "the domain of the static files (default: that of baseUrl)").argParser(
        serverName,
      ),
    )
    .option("--root <folder>", "where the collected folder is on the server (default: as configured)")
    .option("--media", "also the other storages that are public folders")
}

function serverName(text: string): string {
  if (/^[\p{L}\d*][\p{L}\d._*-]*$/u.test(text)) return text
  throw new InvalidArgumentError("It must be the name of a host: static.example.com")
}
