import { EXIT, type ExitCode } from "./exit-codes.ts"

/** What the command itself says no to. Errors of storages and static files pass as they are. */
export class CommandError extends Error {
  override readonly name = "CommandError"
  readonly code: string
  readonly exitCode: ExitCode
  /** Told below the message, all of them: one for each file, say. */
  readonly lines: readonly string[]

  constructor(code: string, message: string, exitCode: ExitCode, cause?: unknown, lines: readonly string[] = []) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
    this.exitCode = exitCode
    this.lines = lines
  }
}

/** The command line is wrong: nothing was done. */
export function usageError(message: string): CommandError {
  return new CommandError("usage", message, EXIT.usage)
}

/** The configuration is wrong: nothing was done. */
export function configError(message: string, cause?: unknown): CommandError {
  return new CommandError("invalid-config", message, EXIT.usage, cause)
}
