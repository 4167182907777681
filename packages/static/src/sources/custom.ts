import { StorageError } from "@node-storages/core"
import type { SourceFile, StaticSource } from "../source.ts"
import { StaticError } from "../static-error.ts"
import { checkName, shown } from "./option-checks.ts"

/** A file that a function makes. */
export interface MadeFile {
  /** Below the static root, with `/`. */
  readonly name: string
  /** A string is UTF-8. A function is called once in a run, when the file's turn comes. */
  readonly content: string | Uint8Array | (() => Promise<string | Uint8Array> | string | Uint8Array)
  /** As of `SourceFile`. Default: false. */
  readonly hashed?: boolean | undefined
  /** As of `SourceFile`. Default: none. */
  readonly aliases?: readonly string[] | undefined
}

/** Gives its files anew at each call: `async function* () { yield { name, content } }`. */
export type MakeFiles = () => Iterable<MadeFile> | AsyncIterable<MadeFile>

const encoder = new TextEncoder()

/**
 * Files that are made by a function. To find one of them, the function is run until it gives that name: costly content
 * belongs into a function of its own.
 * @param description for messages: `"generated icons"`
 * @throws StaticError `invalid-option`; by `files` and `find`: `invalid-name`, `invalid-option`, and
 * `unreadable-source` where the function throws
 */
export function source(description: string, make: MakeFiles): StaticSource {
  if (typeof description !== "string" || description === "") {
    throw new StaticError(
      "invalid-option",
      `source(): the description must be a text for messages, not ${shown(description)}.`,
    )
  }
  if (typeof make !== "function") {
    throw new StaticError(
      "invalid-option",
      `source(): the second argument must be a function that gives files, not ${shown(make)}.`,
    )
  }
  const files = () => made(description, make)
  return {
    description,
    files,
    async find(name) {
      checkName(name, shown(name), `Ask for a name below the static root, like "css/app.css".`)
      for await (const file of files()) if (file.name === name || file.aliases?.includes(name)) return file
      return undefined
    },
  }
}

async function* made(description: string, make: MakeFiles): AsyncGenerator<SourceFile, void, undefined> {
  const iterator = iterate(description, make)
  try {
    while (true) {
      let next: IteratorResult<MadeFile>
      try {
        next = await iterator.next()
      } catch (error) {
        throw failure("unreadable-source", `The source "${description}" failed`, error)
      }
      if (next.done === true) return
      yield checkedFile(description, next.value)
    }
  } finally {
    await iterator.return?.()
  }
}

function iterate(description: string, make: MakeFiles): AsyncIterator<MadeFile> | Iterator<MadeFile> {
  let files: Partial<Iterable<MadeFile> & AsyncIterable<MadeFile>> | undefined
  try {
    files = make()
  } catch (error) {
    throw failure("unreadable-source", `The source "${description}" failed`, error)
  }
  const iterator = files?.[Symbol.asyncIterator]?.() ?? files?.[Symbol.iterator]?.()
  if (iterator !== undefined) return iterator
  throw new StaticError(
    "invalid-option",
    `The function of the source "${description}" must give something to iterate over, not ${shown(files)}. ` +
      "Write it as a generator (function*), or let it return an array.",
  )
}

function checkedFile(description: string, file: MadeFile): SourceFile {
  if (typeof file !== "object" || file === null) {
    throw new StaticError(
      "invalid-option",
      `The source "${description}" gave ${shown(file)}, not a file { name, content }.`,
    )
  }
  const { name, content, hashed, aliases } = file
  for (const one of [name, ...(aliases ?? [])]) {
    checkName(one, `The name ${shown(one)} that the source "${description}" gives`, "Change its function.")
  }
  if (typeof content !== "string" && typeof content !== "function" && !(content instanceof Uint8Array)) {
    throw new StaticError(
      "invalid-option",
      `The source "${description}" gave ${shown(content)} as the content of ${shown(name)}. ` +
        "Give a string, a Uint8Array, or a function that gives one.",
      { file: name },
    )
  }
  return {
    name,
    origin: `${name} of ${description}`,
    read: () => contentOf(description, name, content),
    ...(hashed !== undefined && { hashed }),
    ...(aliases !== undefined && { aliases }),
  }
}

async function contentOf(description: string, name: string, content: MadeFile["content"]): Promise<Uint8Array> {
  let value: string | Uint8Array
  try {
    value = typeof content === "function" ? await content() : content
  } catch (error) {
    throw failure(
      "unreadable-file",
      `The content of ${shown(name)} of the source "${description}" can't be made`,
      error,
      name,
    )
  }
  if (typeof value === "string") return encoder.encode(value)
  if (value instanceof Uint8Array) return value
  throw new StaticError(
    "unreadable-file",
    `The content of ${shown(name)} of the source "${description}" ` +
      `must be a string or a Uint8Array, not ${shown(value)}.`,
    { file: name },
  )
}

/** What storages and this package throw passes as it is. */
function failure(code: "unreadable-source" | "unreadable-file", what: string, error: unknown, file?: string): Error {
  if (error instanceof StaticError || StorageError.is(error)) return error
  const reason = error instanceof Error ? error.message : String(error)
  return new StaticError(code, `${what}: ${reason}`, { cause: error, file })
}
