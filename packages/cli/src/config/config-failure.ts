import { readFileSync } from "node:fs"
import { relative } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import { type CommandError, configError } from "../command-error.ts"
import { sourceFrame } from "./source-frame.ts"

interface Place {
  readonly line: number
  readonly column: number
}

/** What went wrong while a configuration was imported or a storage of it was made, with its place in the file. */
export function explainConfigFailure(file: string, error: unknown): CommandError {
  const { message, code } = failureOf(error)
  const source = textOf(file)
  const missing = code === "ERR_MODULE_NOT_FOUND" ? missingPackage(message) : undefined
  const place = missing === undefined ? placeIn(file, error) : placeOfText(source, missing)
  const shown = relative(process.cwd(), file) || file
  const head = place === undefined ? shown : `${shown}:${place.line}:${place.column}`
  const frame = place === undefined ? "" : `\n\n${sourceFrame(source, place.line, place.column)}`
  const text = missing === undefined ? message : `"${missing}" is not installed. Install it: npm install ${missing}`
  return configError(`${head}: ${text}${frame}`, error)
}

function failureOf(error: unknown): { message: string; code: unknown } {
  if (!(error instanceof Error)) return { message: `it threw ${typeof error}, not an error`, code: undefined }
  return { message: error.message.split("\n")[0]!, code: (error as NodeJS.ErrnoException).code }
}

/** The package that Node did not find: `Cannot find package 'x' imported from …`. A missing file is told as Node does. */
function missingPackage(message: string): string | undefined {
  const found = /^Cannot find package '([^']+)'/.exec(message)?.[1]
  return found === undefined || /^[./]|node_modules/.test(found) ? undefined : found
}

/** Where the file stands in the error's stack: the first call of it, or the place of a syntax error. */
function placeIn(file: string, error: unknown): Place | undefined {
  const stacks: string[] = []
  for (let current = error; current instanceof Error && stacks.length < 5; current = current.cause) {
    stacks.push(current.stack ?? "")
  }
  const names = [file, pathToFileURL(file).href]
  for (const line of stacks.join("\n").split("\n")) {
    for (const name of names) {
      const at = line.indexOf(`${name}:`)
      const numbers = at === -1 ? null : /^:(\d+)(?::(\d+))?/.exec(line.slice(at + name.length))
      if (numbers) return { line: Number(numbers[1]), column: Number(numbers[2] ?? 1) }
    }
  }
  return undefined
}

function placeOfText(source: string, text: string): Place | undefined {
  const lines = source.split("\n")
  const index = lines.findIndex((line) => line.includes(`"${text}`) || line.includes(`'${text}`))
  return index === -1 ? undefined : { line: index + 1, column: lines[index]!.indexOf(text) + 1 }
}

function textOf(file: string): string {
  try {
    return readFileSync(file.startsWith("file:") ? fileURLToPath(file) : file, "utf8")
  } catch {
    return ""
  }
}
