import type { Command } from "commander"
import { candidatesFor } from "./candidates.ts"
import { escaped, splitLine, type TypedLine } from "./command-line.ts"
import { type Candidate, placesIn } from "./places.ts"

/** A person waits with the key still down, in milliseconds. */
const LONGEST = 1000

/** More would not be read. */
const MOST = 500

/**
 * Answers a shell's script: one candidate a line, with its description behind a tab. What fails is silent.
 * @param args the shell; for Bash and PowerShell the line up to the cursor; for the others the words and the current one
 */
export async function answerShell(program: Command, args: readonly string[]): Promise<void> {
  const [shell = "", ...rest] = args
  const typed = typedIn(shell, rest)
  const folder = process.cwd()
  const signal = AbortSignal.timeout(LONGEST)
  const { words, current } = typed
  const candidates = await silently(() =>
    candidatesFor(program, words, current, (values) => placesIn(folder, values, signal)),
  )
  const lines = (candidates ?? []).filter(isPrintable).slice(0, MOST)
  process.stdout.write(lines.map((each) => `${lineFor(shell, each, typed, rest[1])}\n`).join(""))
}

/** What a configuration prints while it is loaded is no candidate, and what it throws is for other commands to tell. */
async function silently<Result>(run: () => Promise<Result>): Promise<Result | undefined> {
  const write = process.stdout.write.bind(process.stdout)
  process.stdout.write = () => true
  try {
    return await run()
  } catch {
    return undefined
  } finally {
    process.stdout.write = write
  }
}

function typedIn(shell: string, rest: readonly string[]): TypedLine {
  if (shell === "bash" || shell === "powershell") return splitLine(rest[0] ?? "")
  const current = rest.at(-1) ?? ""
  // Fish hands the current word over as it was typed.
  const plain = shell === "fish" ? splitLine(`storages ${current}`).current : current
  return { words: rest.slice(0, -1), current: plain, quote: "" }
}

function isPrintable({ value }: Candidate): boolean {
  // oxlint-disable-next-line no-control-regex
  return !/[\u0000-\u001f\u007f]/.test(value)
}

function lineFor(shell: string, { value, description }: Candidate, typed: TypedLine, breaks = ""): string {
  if (shell === "bash") return restOfWord(value, typed, breaks)
  return description === undefined ? value : `${value}\t${description.replace(/\s+/g, " ")}`
}

/** Bash replaces what comes behind the last character that breaks words, and takes quotes as they are typed. */
function restOfWord(value: string, { current, quote }: TypedLine, breaks: string): string {
  if (quote !== "") return value
  let start = 0
  for (let index = 0; index < current.length; index++) {
    if (/[:=@]/.test(current[index]!) && breaks.includes(current[index]!)) start = index + 1
  }
  return escaped(value.slice(start))
}
