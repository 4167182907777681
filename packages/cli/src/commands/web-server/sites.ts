import { isAbsolute, resolve } from "node:path"
import { driverOf, type Storage } from "@node-storages/core"
import type { StaticConfig } from "@node-storages/static"
import { CommandError, usageError } from "../../command-error.ts"
import type { Config } from "../../config/load-config.ts"
import { EXIT } from "../../exit-codes.ts"
import type { Output } from "../../output/output.ts"
import { count } from "../../output/text.ts"
import type { Session } from "../../session.ts"
import { describeStorage, publicBaseOf, requireStaticConfig } from "../static-config.ts"
import { type BundledNames, bundledNames } from "./bundled-names.ts"
import type { ServerOptions } from "./server-options.ts"

/** A folder that a web server sends. */
export interface Site {
  readonly folder: string
  /** Undefined where the URLs have no host: they belong to the app's own server. */
  readonly host: string | undefined
  /** With a port where the URLs have one. */
  readonly origin: string | undefined
  /** The path of the URLs, decoded: `"/"`, `"/static/"` */
  readonly path: string
  /** Undefined for media: files of people, under names that say nothing of their content. */
  readonly collected?: Collected | undefined
}

/** What is known of a collected folder. */
export interface Collected {
  /** The name of the manifest. */
  readonly manifest: string
  readonly encodings: StaticConfig["compress"]
  readonly bundled: BundledNames
  /** Whether the configuration has values of Cache-Control by pattern. */
  readonly overridden: boolean
}

/** What stands for itself in both servers' configurations, in quotes where it has to. */
const UNFIT = /[$"'`{}\\\p{Cc}]/u

/**
 * The static files, and with `--media` the public folders of the configuration.
 * @param server its name, for messages
 * @throws CommandError where there is no folder to serve
 */
export async function sitesOf(session: Session, server: string, options: ServerOptions): Promise<readonly Site[]> {
  const config = await session.config()
  const staticConfig = await requireStaticConfig(session)
  const statics = await staticSite(staticConfig, server, options)
  return options.media ? [statics, ...mediaSites(session, config, staticConfig.storage)] : [statics]
}

async function staticSite(config: StaticConfig, server: string, { root, serverName }: ServerOptions): Promise<Site> {
  const { storage, manifest, compress, cacheControl } = config
  const folder = folderOf(storage)
  if (folder === undefined) throw noFolder(storage, server)
  if (root !== undefined && !isAbsolute(root)) throw usageError(`--root ${root} must be an absolute path: /srv/static`)
  const collected: Collected = {
    manifest: fit(manifest),
    encodings: compress,
    bundled: await bundledNames(config),
    overridden: Object.keys(cacheControl).length > 0,
  }
  const site = siteOf(storage, root ?? folder)
  if (serverName === undefined) return { ...site, collected }
  const origin = site.origin?.replace(/(?<=:\/\/)(?:\[[^\]]*\]|[^:/]+)/, () => serverName)
  return { ...site, host: serverName, origin: origin ?? `http://${serverName}`, collected }
}

function mediaSites(session: Session, config: Config, statics: Storage): Site[] {
  const sites: Site[] = []
  for (const name of config.names) {
    let storage
    try {
      storage = config.storage(name)
    } catch {
      session.output.note(`${name} is left out: it can't be made here. "storages check ${name}" tells why.`)
      continue
    }
    const folder = folderOf(storage)
    if (folder === undefined || folder === folderOf(statics) || publicBaseOf(storage) === undefined) continue
    sites.push(siteOf(storage, folder))
  }
  if (sites.length === 0) session.output.warn(`no other storage in ${config.file} is a folder with public URLs.`)
  return sites
}

function siteOf(storage: Storage, folder: string): Site {
  const base = publicBaseOf(storage) ?? "/"
  const { host, hostname, origin, pathname } = new URL(base, "http://none.invalid")
  const isPath = base.startsWith("/")
  return {
    folder: fit(process.platform === "win32" ? folder.replaceAll("\\", "/") : folder).replace(/(?<=.)\/+$/, ""),
    host: isPath || host === "" ? undefined : hostname,
    origin: isPath ? undefined : origin,
    path: fit(decodeURI(pathname)),
  }
}

function fit(text: string): string {
  const [character] = UNFIT.exec(text) ?? []
  if (character === undefined) return text
  throw usageError(
    `${JSON.stringify(text)} has ${JSON.stringify(character)} in it, which means something else in a configuration. ` +
      "Rename it, or give --root.",
  )
}

/** The folder of a storage on disk, its location included. */
function folderOf(storage: Storage): string | undefined {
  const driver = driverOf(storage)
  const place = driver?.place?.("x")
  if (!driver?.target.startsWith("file:") || place?.service !== "file") return undefined
  return resolve(place.bucket, place.key, "..")
}

function noFolder(storage: Storage, server: string): CommandError {
  return new CommandError(
    "no-folder",
    `The storage of staticConfig is ${describeStorage(storage)}, and ${server} sends files of a folder. ` +
      "A bucket is sent by a CDN in front of it: the guide docs/deploy/cloudfront.md shows how, for CloudFront, " +
      "Cloudflare, Cloud CDN and Front Door.",
    EXIT.usage,
  )
}

/** What the configuration does not do, and who reads it should know. */
export function notesOn(output: Output, server: string, [statics]: readonly Site[]): void {
  const { collected, host } = statics!
  if (host === undefined) {
    output.note(
      "hint: baseUrl has no host, so this is a server for all names. Give --server-name, or put what is in it into the server of the app.",
    )
  }
  if (collected!.overridden) {
    output.note("hint: cacheControl of staticConfig is for buckets, and not in this configuration. Add it by hand.")
  }
  if (server === "nginx" && collected!.encodings.includes("zstd")) {
    output.note("hint: nginx sends no zstd siblings without a module of its own: they are not used.")
  }
  const { others } = collected!.bundled
  if (others.length > 0) {
    output.note(
      `hint: ${count(others.length, "name")} that a bundler has hashed, like ${others[0]}, can't be told from others by ` +
        "a pattern: cached for a minute only. Add a line of your own before default.",
    )
  }
}
