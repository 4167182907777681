import { nearest } from "@node-storages/core"
import type { SourceFile, StaticConfig } from "@node-storages/static"
import type { Command } from "commander"
import { CommandError, usageError } from "../command-error.ts"
import { EXIT } from "../exit-codes.ts"
import { printable } from "../output/text.ts"
import type { Session } from "../session.ts"
import { type Bind, define } from "./define.ts"
import { requireStaticConfig } from "./static-config.ts"

interface FindstaticOptions {
  readonly first?: boolean
}

export function findstaticCommand(bind: Bind): Command {
  return define("findstatic", "tell which sources have a static file, and which one is used", [
    "findstatic css/app.css",
    "findstatic --first css/app.css js/app.js",
  ])
    .argument("<name...>", "names below the static root, as templates give them: css/app.css")
    .option("--first", "print only the place of the file that is used, one a line")
    .action(bind<FindstaticOptions>(findstatic))
}

async function findstatic(session: Session, { first = false }: FindstaticOptions, names: string[]): Promise<void> {
  const config = await requireStaticConfig(session)
  const missing: string[] = []
  for (const name of names) {
    const found = await candidates(config, name)
    if (found.length > 0) await tell(session, name, found, first)
    else missing.push(name)
  }
  if (missing.length === 0) return
  const hints: string[] = []
  for (const name of missing) hints.push(`${name}: ${await hintFor(config, name)}`)
  const what = missing.length === 1 ? `No source has ${missing[0]}.` : `No source has these ${missing.length} files.`
  throw new CommandError("not-found", what, EXIT.notFound, undefined, hints)
}

async function candidates(config: StaticConfig, name: string): Promise<SourceFile[]> {
  const { findStaticAll } = await import("@node-storages/static")
  try {
    return await findStaticAll(config, name)
  } catch (error) {
    if (error instanceof Error && (error as { code?: unknown }).code === "invalid-name") throw usageError(error.message)
    throw error
  }
}

async function tell({ output }: Session, name: string, found: readonly SourceFile[], first: boolean): Promise<void> {
  const places = found.map(({ origin }) => origin)
  const shown = places.map(printable)
  const lines = shown.map((place, index) => `  ${place}${index === 0 && shown.length > 1 ? " (used)" : ""}`)
  const text = first ? shown[0]! : [printable(name), ...lines].join("\n")
  await output.result(text, first ? { name, used: places[0] } : { name, used: places[0], found: places })
}

/** A hash that collect has put into the name, which the sources don't have. */
const HASH = /\.[\da-f]{12}(?=\.[^/]*$|$)/

async function hintFor(config: StaticConfig, name: string): Promise<string> {
  const { DevelopmentIndex, findStatic } = await import("@node-storages/static")
  const leftOut = await findStatic({ ...config, ignore: [] }, name)
  if (leftOut !== undefined) return `${leftOut.origin} is left out by a pattern of ignore`
  const names = [...(await DevelopmentIndex.load(config)).names()]
  const plain = name.replace(HASH, "")
  if (plain !== name && names.includes(plain)) return `this is the published name of ${plain}`
  const last = name.slice(name.lastIndexOf("/") + 1)
  const like = names.find((each) => each === last || each.endsWith(`/${last}`)) ?? nearest(name, names)
  return like === undefined ? `no source has a name like it, of ${names.length}` : `is ${like} meant?`
}
