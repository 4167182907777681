import { Command, InvalidArgumentError, Option } from "commander"
import type { ExitCode } from "../exit-codes.ts"
import type { Session } from "../session.ts"

/** What a command does. A code other than `done` is answered, errors are thrown. */
export type Action<Options> = (session: Session, options: Options, ...operands: never[]) => Promise<ExitCode | void>

/**
 * Makes commander's action of ours: a session is opened for it, and what it throws is told.
 * @param serves whether others wait for this process while it runs. Default: false
 */
export type Bind = <Options>(action: Action<Options>, serves?: boolean) => (...given: unknown[]) => Promise<void>

/** A command with its description, and examples below its help. */
export function define(name: string, description: string, examples: readonly string[]): Command {
  const lines = examples.map((line) => `  $ storages ${line}`)
  return new Command(name)
    .description(description)
    .addHelpText("after", `\n${examples.length === 1 ? "Example" : "Examples"}:\n${lines.join("\n")}`)
}

export const yesOption = (): Option => new Option("-y, --yes", "answer every question with yes")
export const dryRunOption = (): Option => new Option("-n, --dry-run", "say what would be done, and do nothing")
/** @param standard a number, or the words for it where what is called decides */
export function concurrencyOption(standard: number | string, text: string = "files under way at once"): Option {
  const option = new Option(
    "--concurrency <number>",
    typeof standard === "number" ? text : `${text} (default: ${standard})`,
  )
  return (typeof standard === "number" ? option.default(standard) : option).argParser(wholeNumber)
}

/** For options that are a whole number from 1 on. */
function wholeNumber(text: string): number {
  const value = Number(text)
  if (Number.isSafeInteger(value) && value >= 1) return value
  throw new InvalidArgumentError("It must be a whole number from 1 on.")
}

/** For options that can be given again. */
export function append(value: string, given: readonly string[] = []): string[] {
  return [...given, value]
}
