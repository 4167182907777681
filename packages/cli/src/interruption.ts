import { EXIT, type ExitCode } from "./exit-codes.ts"

const CODES: Readonly<Record<string, ExitCode>> = { SIGINT: EXIT.interrupted, SIGTERM: EXIT.terminated }

/**
 * In milliseconds: signals that come this soon after the first are the same key press. A terminal sends it to all
 * that run in it, and npx, npm and pnpm hand theirs on to the command as well.
 */
const ONE_PRESS = 300

/**
 * Ctrl-C, and the signal that stops a container: the first cancels what is under way, so that uploads are aborted and
 * nothing half-written stays; the second ends the process at once.
 */
export class Interruption {
  readonly #controller = new AbortController()
  #exitCode: ExitCode | undefined
  #since = 0

  /** @param tell says that the command is stopping */
  constructor(tell: () => void) {
    for (const [name, exitCode] of Object.entries(CODES)) {
      process.on(name, () => {
        const now = performance.now()
        if (this.#exitCode !== undefined) {
          if (now - this.#since > ONE_PRESS) process.exit(exitCode)
          return
        }
        this.#since = now
        this.interrupt(exitCode)
        tell()
      })
    }
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** With which code the command ends, once it was interrupted. */
  get exitCode(): ExitCode | undefined {
    return this.#exitCode
  }

  /** As Ctrl-C does: also for a prompt, which reads the key itself. */
  interrupt(exitCode: ExitCode = EXIT.interrupted): void {
    this.#exitCode = exitCode
    this.#controller.abort()
  }
}
