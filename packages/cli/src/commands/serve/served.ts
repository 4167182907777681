import type { IncomingMessage } from "node:http"
import { prefix as below, type Storage } from "@node-storages/core"
import type { NodeHandler, ServeOptions } from "@node-storages/http"
import { CommandError, usageError } from "../../command-error.ts"
import { EXIT } from "../../exit-codes.ts"
import { parsePlace } from "../../locations/place.ts"
import type { Session } from "../../session.ts"
import type { ServeCommandOptions } from "../serve.ts"
import { describeStorage, publicBaseOf, requireStaticConfig } from "../static-config.ts"
import { isLoopback } from "./listen.ts"

/** What is served, and how it is told. */
export interface Served {
  readonly handle: NodeHandler
  readonly prefix: string
  readonly title: string
  /** What to do with the address. */
  readonly note?: (url: string) => string
}

/** Where static files are in development if nothing tells. */
const STATIC_PREFIX = "/static/"

/** A storage of the configuration, one by its URL, or a folder. */
export async function servedStorage(session: Session, options: ServeCommandOptions, text?: string): Promise<Served> {
  const { storage, local, title } = await chosen(session, text)
  checkPublic(storage, local, title, options)
  const { nodeHandler, STATIC_FILES } = await import("@node-storages/http")
  const staticConfig = (await session.optionalConfig())?.staticConfig
  const isCollected = staticConfig !== undefined && describeStorage(staticConfig.storage) === describeStorage(storage)
  const prefix = checkedPrefix(options.prefix ?? pathOf(await baseOf(storage)) ?? "/")
  const handle = nodeHandler(storage, {
    ...(isCollected && STATIC_FILES),
    // A folder that is named here is the person's own: its pages run their scripts.
    ...(local && { trusted: true, index: "index.html" }),
    ...common(session, options, prefix),
    // Signatures are checked, unless all of it is public now.
    ...(options.public && { authorize: () => true }),
  })
  return { handle, prefix, title: `Serving ${title}` }
}

/** The static files as they are in their sources. */
export async function servedSources(session: Session, options: ServeCommandOptions, text?: string): Promise<Served> {
  if (text !== undefined) throw usageError(`serve --static serves the sources of the static files, and not ${text}.`)
  const config = await requireStaticConfig(session)
  const [{ nodeHandler }, { sourceStorage }] = await Promise.all([
    import("@node-storages/http"),
    import("@node-storages/static"),
  ])
  const configured = config.base ?? pathOf(publicBaseOf(config.storage))
  const prefix = checkedPrefix(
    options.prefix ?? (configured === undefined || configured === "/" ? STATIC_PREFIX : configured),
  )
  const shared = common(session, options, prefix)
  const handle = nodeHandler(sourceStorage(config), {
    trusted: true,
    ...shared,
    allowOrigins: shared.allowOrigins ?? "*",
  })
  const title = `Serving ${config.sources.map(({ description }) => description).join(", ")}`
  return {
    handle,
    prefix,
    title,
    note: (url) =>
      `In the app: developmentStaticFiles({ baseUrl: "${url}" }) gives the URLs. Nothing has to be collected.`,
  }
}

interface Chosen {
  readonly storage: Storage
  /** A folder that is named on the command line. */
  readonly local: boolean
  readonly title: string
}

async function chosen(session: Session, text: string | undefined): Promise<Chosen> {
  const named = text ?? session.options.storage ?? (await onlyName(session))
  // No storage of a configuration has a slash in its name.
  if (parsePlace(named).kind === "plain" && !/[/\\]/.test(named)) {
    return { storage: await session.storage(named), local: false, title: named }
  }
  const { storage, name, local, title } = await session.place(named, "local")
  if (local && name !== "") throw usageError(`${title} is no folder. serve takes a folder, a storage, or a URL.`)
  return { storage: name === "" ? storage : storage.with(below(name)), local, title }
}

async function onlyName(session: Session): Promise<string> {
  const { names } = await session.config()
  if (names.length === 1) return names[0]!
  throw usageError(`Which storage shall be served? Name one: ${names.join(", ")}; or --static for the static sources.`)
}

/** Private files are not given to everybody by mistake. Storages that sign URLs by their own keys check them here. */
function checkPublic(storage: Storage, local: boolean, title: string, options: ServeCommandOptions): void {
  if (options.public || publicBaseOf(storage) !== undefined || storage.checkSigned !== undefined) return
  if (local && isLoopback(options.host)) return
  throw new CommandError(
    "private",
    `${title} is private: it has no public address. Everybody who reaches ${options.host}:${options.port} could read ` +
      "all of it. --public serves it all the same.",
    EXIT.usage,
  )
}

function common(session: Session, { cors }: ServeCommandOptions, prefix: string): ServeOptions<IncomingMessage> {
  const allowOrigins = cors?.includes("*") ? "*" : cors
  return {
    prefix,
    ...(allowOrigins !== undefined && { allowOrigins }),
    onError: (error) => session.output.warn(error instanceof Error ? error.message : String(error)),
  }
}

/** Where a storage's own URLs lead, signed or not. */
async function baseOf(storage: Storage): Promise<string | undefined> {
  if (storage.checkSigned === undefined) return publicBaseOf(storage)
  const url = await storage.url("x")
  return url.replace(/x(?:[?#].*)?$/s, "")
}

/** `"https://example.com/media/"` gives `"/media/"`. */
function pathOf(base: string | undefined): string | undefined {
  return base === undefined ? undefined : new URL(base, "http://localhost").pathname
}

function checkedPrefix(prefix: string): string {
  if (!prefix.startsWith("/")) throw usageError(`--prefix ${prefix} must be a path: /media/`)
  return prefix.endsWith("/") ? prefix : `${prefix}/`
}
