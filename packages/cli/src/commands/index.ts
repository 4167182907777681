import type { Command } from "commander"
import { caddyCommand } from "./caddy.ts"
import { checkCommand } from "./check.ts"
import { collectstaticCommand } from "./collectstatic.ts"
import type { Bind } from "./define.ts"
import { findstaticCommand } from "./findstatic.ts"
import { lsCommand } from "./ls.ts"
import { nginxCommand } from "./nginx.ts"
import { pruneCommand } from "./prune.ts"
import { serveCommand } from "./serve.ts"
import { urlCommand } from "./url.ts"

/** The commands, in the order in which help shows them. */
export const COMMANDS: readonly ((bind: Bind) => Command)[] = [
  checkCommand,
  collectstaticCommand,
  findstaticCommand,
  lsCommand,
  urlCommand,
  serveCommand,
  pruneCommand,
  nginxCommand,
  caddyCommand,
]
