import { usageError } from "../../command-error.ts"
import type { Session } from "../../session.ts"

/** One thing to be known, and what is said where it is not. */
export interface Question {
  /** The flag that answers it: `"--media-bucket"`. */
  readonly flag: string
  /** What the flag said. */
  readonly given: string | undefined
  readonly message: string
  /** What is taken where nobody says otherwise; undefined where somebody has to. */
  readonly standard?: string | undefined
  readonly example?: string | undefined
  /** What is wrong with an answer, as a sentence. */
  readonly problem?: ((answer: string) => string | undefined) | undefined
}

export interface Choice {
  readonly value: string
  readonly label: string
}

/** Who answers what no flag has. */
export interface Asker {
  text(question: Question): Promise<string>
  choose(question: Question, choices: readonly Choice[]): Promise<string>
}

/** Nobody: what has no answer is a mistake, and told together. */
export class FlagAsker implements Asker {
  readonly #missing: string[] = []

  async text(question: Question): Promise<string> {
    const { flag, given, standard, example } = question
    if (given !== undefined) return checked(question, given)
    if (standard !== undefined) return standard
    this.#missing.push(`${flag} ${example ?? "VALUE"}`)
    return ""
  }

  async choose(question: Question, choices: readonly Choice[]): Promise<string> {
    return checked({ ...question, problem: (answer) => notAmong(answer, choices) }, await this.text(question))
  }

  /** @throws CommandError where answers are missing */
  finish(): void {
    if (this.#missing.length === 0) return
    throw usageError(`Some answers are missing, and nobody can be asked here. Add: ${this.#missing.join(" ")}`)
  }
}

/** A person at a terminal. Ctrl-C at any question ends the command. */
export class TerminalAsker implements Asker {
  readonly #session: Session

  constructor(session: Session) {
    this.#session = session
  }

  async text(question: Question): Promise<string> {
    const { given, message, standard, example, problem } = question
    if (given !== undefined) return checked(question, given)
    const { text } = await import("@clack/prompts")
    const answer = await text({
      message,
      output: process.stderr,
      ...(standard !== undefined && { defaultValue: standard }),
      ...((standard || example) && { placeholder: standard || `for example ${example}` }),
      validate: (value = "") => (value === "" && standard !== undefined ? undefined : problem?.(value)),
    })
    return this.#answered(answer)
  }

  async choose(question: Question, choices: readonly Choice[]): Promise<string> {
    const { given, message, standard } = question
    if (given !== undefined) return checked({ ...question, problem: (answer) => notAmong(answer, choices) }, given)
    const { select } = await import("@clack/prompts")
    const answer = await select<string>({
      message,
      output: process.stderr,
      options: choices.map(({ value, label }) => ({ value, label })),
      ...(standard !== undefined && { initialValue: standard }),
    })
    return this.#answered(answer)
  }

  #answered(answer: string | symbol): string {
    return typeof answer === "string" ? answer : this.#session.interrupt()
  }
}

function checked({ flag, problem }: Question, answer: string): string {
  const wrong = problem?.(answer)
  if (wrong !== undefined) throw usageError(`${flag} ${JSON.stringify(answer)}: ${wrong}`)
  return answer
}

function notAmong(answer: string, choices: readonly Choice[]): string | undefined {
  if (answer === "" || choices.some(({ value }) => value === answer)) return undefined
  return `It must be one of ${choices.map(({ value }) => value).join(", ")}.`
}
