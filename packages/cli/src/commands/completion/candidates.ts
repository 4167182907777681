import type { Argument, Command, Option } from "commander"
import type { Candidate, Places } from "./places.ts"

/** Commands whose plain names are files of this machine; those of others belong to a storage. */
const TAKES_LOCAL_FILES: ReadonlySet<string> = new Set(["cp", "mv", "sync", "serve"])

/** Where in the command line the cursor is. */
interface Position {
  readonly command: Command
  /** How many operands of the command come before. */
  readonly operands: number
  /** The option whose value is being typed. */
  readonly option: Option | undefined
  /** Behind `--` nothing is an option. */
  readonly onlyOperands: boolean
  /** Values of options before, by their attribute. */
  readonly values: ReadonlyMap<string, readonly string[]>
}

/**
 * What the word that is being typed may become.
 * @param placesFor what is known of storages and files, given the options that were typed before
 */
export async function candidatesFor(
  program: Command,
  words: readonly string[],
  current: string,
  placesFor: (values: ReadonlyMap<string, readonly string[]>) => Places,
): Promise<readonly Candidate[]> {
  const position = positionAfter(program, words)
  if (position === undefined) return []
  const { command, operands, option, onlyOperands, values } = position
  const places = placesFor(values)
  if (option !== undefined) return startingWith(await valuesOf(option, current, places), current)
  if (current.startsWith("-") && !onlyOperands) {
    const [, name, value] = /^(--[^=]+)=(.*)$/s.exec(current) ?? []
    if (name === undefined || value === undefined) return startingWith(optionsOf(program, command), current)
    const found = optionNamed(program, command, name)
    const known = found === undefined ? [] : await valuesOf(found, value, places)
    return startingWith(known, value).map((each) => ({ ...each, value: `${name}=${each.value}` }))
  }
  if (command === program || command.name() === "help") return startingWith(commandsOf(program), current)
  return startingWith(await operandsOf(command, operands, current, places), current)
}

function positionAfter(program: Command, words: readonly string[]): Position | undefined {
  const values = new Map<string, string[]>()
  const note = (option: Option, value: string): void => {
    values.set(option.attributeName(), [...(values.get(option.attributeName()) ?? []), value])
  }
  let command = program
  let operands = 0
  let option: Option | undefined
  let onlyOperands = false
  for (const word of words) {
    if (option !== undefined) {
      note(option, word)
      option = undefined
    } else if (word === "--" && !onlyOperands) {
      onlyOperands = true
    } else if (word.startsWith("-") && word !== "-" && !onlyOperands) {
      const [, name = word, value] = /^(--[^=]+)=(.*)$/s.exec(word) ?? []
      const found = optionNamed(program, command, name)
      if (found !== undefined && value !== undefined) note(found, value)
      else if (found?.required) option = found
    } else if (command === program) {
      const found = program.commands.find((each) => each.name() === word || each.aliases().includes(word))
      if (found === undefined && word !== "help") return undefined
      if (found === undefined) return helpPosition(program, values)
      command = found
    } else {
      operands += 1
    }
  }
  return { command, operands, option, onlyOperands, values }
}

function helpPosition(program: Command, values: Position["values"]): Position {
  return { command: program, operands: 0, option: undefined, onlyOperands: true, values }
}

function optionNamed(program: Command, command: Command, name: string): Option | undefined {
  return [...command.options, ...program.options].find(({ long, short }) => long === name || short === name)
}

function optionsOf(program: Command, command: Command): Candidate[] {
  const all = command === program ? program.options : [...command.options, ...program.options]
  const told = all
    .filter(({ hidden, long }) => !hidden && long !== undefined)
    .map(({ long, description }) => ({ value: long!, description }))
  return [...told, { value: "--help", description: "show help" }]
}

function commandsOf(program: Command): Candidate[] {
  const commands = program.createHelp().visibleCommands(program)
  return commands.map((command) => ({ value: command.name(), description: command.description() }))
}

async function valuesOf(option: Option, current: string, places: Places): Promise<readonly Candidate[]> {
  if (option.argChoices !== undefined) return option.argChoices.map((value) => ({ value }))
  if (option.attributeName() === "storage") return await places.storages("")
  return /<(?:file|folder|path)>/.test(option.flags) ? await places.files(current) : []
}

async function operandsOf(
  command: Command,
  operands: number,
  current: string,
  places: Places,
): Promise<readonly Candidate[]> {
  const known: readonly Argument[] = command.registeredArguments
  const last = known.at(-1)
  const argument = known[operands] ?? (last?.variadic ? last : undefined)
  if (argument === undefined) return []
  if (argument.argChoices !== undefined) return argument.argChoices.map((value) => ({ value }))
  const isLocal = TAKES_LOCAL_FILES.has(command.name())
  switch (argument.name()) {
    // Of `findstatic`: names below the static root.
    case "name":
      return []
    case "storage":
      return [...(await places.storages("")), ...(isLocal ? await places.files(current) : [])]
    default:
      return await places.all(current, isLocal)
  }
}

function startingWith(candidates: readonly Candidate[], current: string): Candidate[] {
  return candidates.filter(({ value }) => value.startsWith(current))
}
