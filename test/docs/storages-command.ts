import { makeProgram } from "../../packages/cli/src/program.ts"

type Command = ReturnType<typeof makeProgram>

/** What the real command has against these arguments, or undefined: they are parsed, and nothing is done. */
export async function usageProblem(args: readonly string[]): Promise<string | undefined> {
  const told: string[] = []
  const program = makeProgram(() => {})
  const disarm = (command: Command): void => {
    command.exitOverride().configureOutput({ writeOut: () => {}, writeErr: (text) => told.push(text) })
    if (command.commands.length === 0) command.action(() => {})
    command.commands.forEach(disarm)
  }
  disarm(program)
  try {
    await program.parseAsync(args, { from: "user" })
    return undefined
  } catch (error) {
    // A CommanderError; help and version have the code 0.
    if (!(error instanceof Error && "exitCode" in error)) throw error
    return error.exitCode === 0 ? undefined : told.join("").split("\n")[0]!
  }
}
