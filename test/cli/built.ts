import { inject } from "vitest"
import { buildCommand } from "./build-command.ts"

declare module "vitest" {
  export interface ProvidedContext {
    /** The file of the built command. */
    command: string
  }
}

/** The file of the built command: that of the global setup, or built now where nothing is provided. */
export async function builtCommand(): Promise<string> {
  return provided() ?? (await buildCommand())
}

/** Recordings are made outside of Vitest, where nothing can be injected. */
function provided(): string | undefined {
  try {
    return inject("command") as string | undefined
  } catch {
    return undefined
  }
}
