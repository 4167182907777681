import type { Command } from "commander"
import type { Session } from "../session.ts"
import { type Bind, define } from "./define.ts"
import { caddyText } from "./web-server/caddy-text.ts"
import { serverOptions, type ServerOptions } from "./web-server/server-options.ts"
import { notesOn, sitesOf } from "./web-server/sites.ts"

export function caddyCommand(bind: Bind): Command {
  const command = define("caddy", "print a configuration of Caddy for the folder of the collected static files", [
    "caddy > /etc/caddy/Caddyfile",
    "caddy --media --server-name static.example.com",
  ])
  return serverOptions(command).action(bind<ServerOptions>(printCaddy))
}

async function printCaddy(session: Session, options: ServerOptions): Promise<void> {
  const sites = await sitesOf(session, "Caddy", options)
  const text = caddyText(sites)
  await session.output.result(text, { server: "caddy", configuration: text })
  notesOn(session.output, "Caddy", sites)
}
