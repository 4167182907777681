import { buildCommand } from "./build-command.ts"

let built: Promise<string> | undefined

/** The file of the built command: built by whichever process of a run asks first. */
export function builtCommand(): Promise<string> {
  return (built ??= buildCommand())
}
