import { allowBlocking } from "@node-storages/core/adapter"
import { Command, CommanderError, Option } from "commander"
import { answerShell } from "./commands/completion/answer.ts"
import { COMPLETE } from "./commands/completion/scripts.ts"
import { append, type Bind, type Action } from "./commands/define.ts"
import { COMMANDS } from "./commands/index.ts"
import { EXIT, type ExitCode } from "./exit-codes.ts"
import { Interruption } from "./interruption.ts"
import { Output } from "./output/output.ts"
import { tellError } from "./output/tell-error.ts"
import { type CommonOptions, Session } from "./session.ts"
import { VERSION } from "./version.ts"

type ProgramOptions = CommonOptions & { readonly json?: boolean; readonly verbose?: boolean }

/** The command with all its subcommands; `finish` is told the exit code. */
export function makeProgram(finish: (exitCode: ExitCode) => void): Command {
  const program = new Command("storages")
    .description("Files of an app: static files collected and published, media listed, copied and checked.")
    .version(VERSION, "-V, --version", "print the version")
    .option("-c, --config <file>", "the configuration (default: storages.config.ts here or in a folder above)")
    .addOption(new Option("-e, --env <file>", "read environment variables from a file first").argParser(append))
    .addOption(new Option("--import <module>", "import an adapter or another module first").argParser(append))
    .option("-s, --storage <name or URL>", "the storage that plain names belong to: media, s3://bucket")
    .option("--json", "print results and errors as JSON, one value a line")
    .option("-v, --verbose", "say more, and show the stacks of errors")
    .helpOption("-h, --help", "show help")
    .helpCommand("help [command]", "show help of a command")
    .showHelpAfterError("(storages --help shows the commands and options)")
    .addHelpText(
      "after",
      '\nPlaces: media:avatars/me.png is in the storage "media" of the configuration, media: is all of it,\n' +
        "./avatars and /srv/files are folders of this machine, s3://bucket?region=eu-west-1 is a storage by its URL.\n" +
        "\nExamples:\n  $ storages init\n  $ storages check\n  $ storages collectstatic\n  $ storages ls -l media:avatars/",
    )
    .exitOverride()
  const bind: Bind = (action, serves = false) => binder(action, serves, program, finish)
  for (const make of COMMANDS) {
    const command = make(bind)
    // Settings of the program hold for its commands only where they are copied.
    command.copyInheritedSettings(program).configureHelp({ showGlobalOptions: true })
    program.addCommand(command.showHelpAfterError(`(storages ${command.name()} --help shows examples)`))
  }
  return program
}

function binder<Options>(
  action: Action<Options>,
  serves: boolean,
  program: Command,
  finish: (exitCode: ExitCode) => void,
): (...given: unknown[]) => Promise<void> {
  return async (...given) => {
    // Commander calls with the operands, the options and the command.
    const operands = given.slice(0, -2) as never[]
    const common = program.opts<ProgramOptions>()
    const own = given.at(-2) as Options & ProgramOptions
    const output = new Output({ json: common.json === true, verbose: common.verbose === true })
    const interruption = new Interruption(() => {
      output.status("")
      output.note("Stopping: what is under way is cancelled. Ctrl-C again ends at once.")
    })
    if (!serves) allowBlocking()
    const session = new Session({ ...common, ...own }, output, interruption)
    try {
      finish((await action(session, own, ...operands)) ?? EXIT.done)
    } catch (error) {
      const exitCode = tellError(output, error)
      finish(interruption.exitCode ?? exitCode)
    } finally {
      output.status("")
      await session.close()
    }
  }
}

/** Runs the command line and answers with the exit code. */
export async function run(args: readonly string[]): Promise<ExitCode> {
  let exitCode: ExitCode = EXIT.done
  const program = makeProgram((code) => (exitCode = code))
  if (args[0] === COMPLETE) {
    await answerShell(program, args.slice(1))
    return exitCode
  }
  try {
    await program.parseAsync(args, { from: "user" })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    // Commander has told it; help and version are no errors.
    return error.exitCode === 0 ? EXIT.done : EXIT.usage
  }
  return exitCode
}
