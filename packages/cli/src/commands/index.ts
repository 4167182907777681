import type { Command } from "commander"
import { caddyCommand } from "./caddy.ts"
import { catCommand } from "./cat.ts"
import { checkCommand } from "./check.ts"
import { collectstaticCommand } from "./collectstatic.ts"
import { completionCommand } from "./completion.ts"
import { cpCommand } from "./cp.ts"
import type { Bind } from "./define.ts"
import { findstaticCommand } from "./findstatic.ts"
import { initCommand } from "./init.ts"
import { lsCommand } from "./ls.ts"
import { mvCommand } from "./mv.ts"
import { nginxCommand } from "./nginx.ts"
import { pruneCommand } from "./prune.ts"
import { rmCommand } from "./rm.ts"
import { serveCommand } from "./serve.ts"
import { statCommand } from "./stat.ts"
import { syncCommand } from "./sync.ts"
import { urlCommand } from "./url.ts"

/** The commands, in the order in which help shows them. */
export const COMMANDS: readonly ((bind: Bind) => Command)[] = [
  initCommand,
  checkCommand,
  collectstaticCommand,
  findstaticCommand,
  lsCommand,
  statCommand,
  catCommand,
  cpCommand,
  mvCommand,
  rmCommand,
  syncCommand,
  urlCommand,
  serveCommand,
  pruneCommand,
  nginxCommand,
  caddyCommand,
  completionCommand,
]
