import type { Command } from "commander"
import { usageError } from "../command-error.ts"
import type { Session } from "../session.ts"
import { type Bind, define } from "./define.ts"
import { nginxText } from "./web-server/nginx-text.ts"
import { serverOptions, type ServerOptions } from "./web-server/server-options.ts"
import { notesOn, sitesOf } from "./web-server/sites.ts"

interface NginxOptions extends ServerOptions {
  readonly listen?: string
  readonly certificate?: string
  readonly key?: string
}

export function nginxCommand(bind: Bind): Command {
  const command = define("nginx", "print a configuration of nginx for the folder of the collected static files", [
    "nginx > /etc/nginx/conf.d/static.conf",
    "nginx --media --root /srv/app/public/static",
    "nginx --certificate /etc/ssl/static/fullchain.pem --key /etc/ssl/static/key.pem",
  ])
  return serverOptions(command)
    .option("--listen <address>", "where nginx listens (default: 80, with a certificate 443 ssl http2)")
    .option("--certificate <file>", "listen by TLS and HTTP/2, with this certificate")
    .option("--key <file>", "the key of the certificate")
    .action(bind<NginxOptions>(printNginx))
}

async function printNginx(session: Session, options: NginxOptions): Promise<void> {
  const { listen, certificate, key } = options
  if ((certificate === undefined) !== (key === undefined)) throw usageError("--certificate and --key go together.")
  if (listen !== undefined && !/^[\w.:[\]*/-]+$/.test(listen)) {
    throw usageError(`--listen ${JSON.stringify(listen)} must be a port or an address: 8080, 127.0.0.1:8080, [::]:80`)
  }
  const sites = await sitesOf(session, "nginx", options)
  const text = nginxText(sites, { listen, ...(certificate !== undefined && { certificate, key }) })
  await session.output.result(text, { server: "nginx", configuration: text })
  notesOn(session.output, "nginx", sites)
}
