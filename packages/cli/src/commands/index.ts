import type { Command } from "commander"
import type { Bind } from "./define.ts"
import { lsCommand } from "./ls.ts"
import { urlCommand } from "./url.ts"

/** The commands, in the order in which help shows them. */
export const COMMANDS: readonly ((bind: Bind) => Command)[] = [lsCommand, urlCommand]
