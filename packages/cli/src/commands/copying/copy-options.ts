import type { Command } from "commander"
import { concurrencyOption, dryRunOption } from "../define.ts"
import { SOURCES_AND_TARGET } from "./operands.ts"

/** What `cp` and `mv` have in common. */
export interface CopyOptions {
  readonly recursive?: boolean
  readonly clobber: boolean
  readonly dryRun?: boolean
  readonly concurrency: number
}

const DEFAULT_CONCURRENCY = 8

/** Adds their operands and options. */
export function withCopyOptions(command: Command): Command {
  return command
    .usage("[options] <source...> <target>")
    .argument("<place...>", SOURCES_AND_TARGET)
    .option("-r, --recursive", "directories with all that is in them")
    .option("--no-clobber", "leave files as they are that are at the target already, list them, and end with 1")
    .addOption(dryRunOption())
    .addOption(concurrencyOption(DEFAULT_CONCURRENCY))
}
