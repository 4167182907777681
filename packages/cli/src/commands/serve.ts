import { createServer } from "node:http"
import { type Command, InvalidArgumentError, Option } from "commander"
import type { Session } from "../session.ts"
import { append, type Bind, define } from "./define.ts"
import { isLoopback, listen, untilStopped } from "./serve/listen.ts"
import { logged } from "./serve/request-log.ts"
import { servedSources, servedStorage } from "./serve/served.ts"

const DEFAULT_PORT = 8080
const DEFAULT_HOST = "127.0.0.1"
const HIGHEST_PORT = 65_535

export interface ServeCommandOptions {
  readonly port: number
  readonly host: string
  readonly prefix?: string
  readonly cors?: readonly string[]
  readonly public?: boolean
  readonly static?: boolean
}

export function serveCommand(bind: Bind): Command {
  return define("serve", "serve a storage or folder over HTTP, to look at it; Ctrl-C stops", [
    "serve media",
    "serve ./public --port 3000 --cors https://www.example.com",
    "serve --static --verbose",
  ])
    .argument("[storage]", "a storage of the configuration, a folder, or a URL: media, ./public, s3://bucket")
    .addOption(
      new Option("--port <number>", "where to listen; 0 takes any that is free").default(DEFAULT_PORT).argParser(port),
    )
    .option("--host <name>", "the address to listen at; 0.0.0.0 is all of this machine", DEFAULT_HOST)
    .option("--prefix <path>", "the path below which the files are (default: that of baseUrl, or /)")
    .addOption(new Option("--cors <origin>", 'pages of this origin may read the files; "*" for all').argParser(append))
    .option("--public", "also where the storage is private: everybody who reaches the port can read it")
    .option("--static", "the sources of the static files instead, uncollected, for development")
    .action(bind<ServeCommandOptions>(serve, true))
}

async function serve(session: Session, options: ServeCommandOptions, text?: string): Promise<void> {
  const { output, signal } = session
  const { handle, prefix, title, note } = options.static
    ? await servedSources(session, options, text)
    : await servedStorage(session, options, text)
  const server = createServer(logged(output, handle))
  const origin = await listen(server, options)
  const url = `${origin}${prefix}`
  await output.result(`${title} at ${url}`, { url })
  if (note !== undefined) output.note(note(url))
  if (!isLoopback(options.host)) output.warn("other machines can read these files, without encryption.")
  await untilStopped(server, signal)
  output.note("Stopped.")
}

function port(text: string): number {
  const value = Number(text)
  if (/^\d+$/.test(text) && value <= HIGHEST_PORT) return value
  throw new InvalidArgumentError(`It must be a whole number from 0 to ${HIGHEST_PORT}.`)
}
