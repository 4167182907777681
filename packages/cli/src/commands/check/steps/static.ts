import { createHash } from "node:crypto"
import { type StorageDriver, StorageError, typeOfName } from "@node-storages/core"
import type { Encoding, Manifest, ManifestEntry, StaticConfig } from "@node-storages/static"
import { count } from "../../../output/text.ts"
import { corsHint, publicHint } from "../hints.ts"
import { type Answer, ask, isAbsolute, shownUrl, statusOf } from "../http.ts"
import { CheckProblem, type CheckStep, ok, skipped, warning } from "../step.ts"
import { relative } from "./urls.ts"

/** What the steps of the static files share. */
export interface StaticContext {
  readonly config: StaticConfig
  readonly driver: StorageDriver | undefined
  readonly origin: string | undefined
  /** What the step "manifest" has read. */
  manifest: Manifest | undefined
}

const ENDINGS: Readonly<Record<Encoding, string>> = { br: ".br", gzip: ".gz", zstd: ".zst" }

const sources: CheckStep<StaticContext> = {
  name: "sources",
  doing: "looking for the sources",
  needs: [],
  async run({ config }) {
    const empty: string[] = []
    for (const source of config.sources) {
      const files = source.files()[Symbol.asyncIterator]()
      const { done } = await files.next()
      if (done) empty.push(source.description)
      await files.return?.()
    }
    if (empty.length > 0) return warning("empty-source", `there are no files in: ${empty.join(", ")}`)
    return ok(
      `${count(config.sources.length, "source")}: ${config.sources.map(({ description }) => description).join(", ")}`,
    )
  },
}

const manifest: CheckStep<StaticContext> = {
  name: "manifest",
  doing: "reading the manifest",
  needs: [],
  async run(context, signal) {
    const { storage, manifest: name } = context.config
    const { parseManifest } = await import("@node-storages/static")
    try {
      context.manifest = parseManifest(await storage.open(name, { signal }).text(), name)
    } catch (error) {
      if (!StorageError.is(error, "not-found")) throw error
      return warning("missing-manifest", `there is no ${name} yet: nothing was collected`, "storages collectstatic")
    }
    return ok(`${name} has ${count(Object.keys(context.manifest.files).length, "file")}`)
  },
}

/** One file as browsers get it. */
const published: CheckStep<StaticContext> = {
  name: "published",
  doing: "fetching a published file",
  needs: ["manifest"],
  async run({ config, driver, manifest: read }, signal) {
    const found = read && sampleOf(read)
    if (found === undefined) return skipped("the manifest has no files")
    const [name, entry] = found
    const address = config.storage.publicUrl(entry.name)
    if (!isAbsolute(address)) return skipped(relative(address))
    const answer = await ask(address, { headers: { "accept-encoding": "identity" }, signal })
    if (answer.status !== 200) {
      const hint =
        driver?.checkSigned || driver?.name === "local" ? "The folder must be served at baseUrl." : publicHint(driver)
      throw new CheckProblem("not-public", `${shownUrl(address)} is answered with ${statusOf(answer)}`, hint)
    }
    const problems = await problemsOf(answer, name, entry, config)
    if (problems.length > 0) throw new CheckProblem("wrong-headers", `${shownUrl(address)}: ${problems.join("; ")}`)
    return ok(`${entry.name}: ${answer.header("content-type")}, ${answer.header("cache-control")}`)
  },
}

const compressed: CheckStep<StaticContext> = {
  name: "compressed",
  doing: "fetching it compressed",
  needs: ["published"],
  async run({ config, manifest: read }, signal) {
    const found = read && sampleOf(read)
    const address = found && config.storage.publicUrl(found[1].name)
    const encodings = Object.keys(found?.[1].encodings ?? {}) as Encoding[]
    if (address === undefined || !isAbsolute(address)) return skipped("there is no file to fetch")
    if (config.contentEncoding === undefined && encodings.length === 0) return skipped("no file has a compressed twin")
    const answer = await ask(address, { headers: { "accept-encoding": "br, zstd, gzip" }, signal })
    const encoding = answer.header("content-encoding")
    if (encoding !== undefined) {
      const varies = config.contentEncoding !== undefined || /accept-encoding|\*/i.test(answer.header("vary") ?? "")
      if (varies) return ok(`browsers get it with Content-Encoding: ${encoding}`)
      return warning(
        "no-vary",
        "it is sent compressed without Vary: Accept-Encoding: caches may give it to whoever can't read it",
      )
    }
    const name = found![1].name
    const missing: string[] = []
    for (const each of encodings) {
      if (!(await config.storage.exists(name + ENDINGS[each], { signal }))) missing.push(name + ENDINGS[each])
    }
    if (missing.length > 0)
      throw new CheckProblem("missing-twin", `the manifest tells of ${missing.join(", ")}, which is not there`)
    return warning(
      "not-compressed",
      `browsers get ${name} uncompressed: nobody looks for ${name}${ENDINGS[encodings[0] ?? "gzip"]}, which is there`,
      'Let the web server send it (nginx: gzip_static, Caddy: precompressed), or set contentEncoding: "gzip" for a bucket behind a CDN.',
    )
  },
}

const staticCors: CheckStep<StaticContext> = {
  name: "cors",
  doing: "asking what pages may do",
  needs: ["published"],
  async run({ config, driver, origin, manifest: read }, signal) {
    const found = read && sampleOf(read)
    const address = found && config.storage.publicUrl(found[1].name)
    if (origin === undefined || address === undefined || !isAbsolute(address)) {
      return skipped("not asked", "--origin https://www.example.com tells whether its pages may use fonts and modules.")
    }
    const allowed = (await ask(address, { headers: { origin }, signal })).header("access-control-allow-origin")
    if (allowed === "*" || allowed === origin) return ok(`pages of ${origin} may use fonts and modules`)
    const text = allowed === undefined ? "no Access-Control-Allow-Origin" : `Access-Control-Allow-Origin is ${allowed}`
    throw new CheckProblem(
      "cors",
      `pages of ${origin} may not use fonts and modules: ${text}`,
      corsHint(driver, origin),
    )
  },
}

export const STATIC_STEPS: readonly CheckStep<StaticContext>[] = [sources, manifest, published, compressed, staticCors]

/** The smallest file that has a compressed twin, or the smallest of all: a name with a hash where one has it. */
function sampleOf({ files }: Manifest): [name: string, entry: ManifestEntry] | undefined {
  const entries = Object.entries(files).toSorted(([, one], [, other]) => one.size - other.size)
  const hashed = entries.filter(([name, entry]) => entry.name !== name)
  const among = hashed.length > 0 ? hashed : entries
  return among.find(([, { encodings }]) => encodings !== undefined) ?? among[0]
}

async function problemsOf(answer: Answer, name: string, entry: ManifestEntry, config: StaticConfig): Promise<string[]> {
  const { cacheControlOf } = await import("@node-storages/static")
  const problems: string[] = []
  const wanted = cacheControlOf(name, { hashed: entry.name !== name, overrides: config.cacheControl })
  const cached = answer.header("cache-control")
  if (!covers(cached, wanted)) problems.push(`Cache-Control is ${cached ?? "missing"}, not ${wanted}`)
  const type = essence(typeOfName(name))
  const told = essence(answer.header("content-type"))
  if (type !== undefined && told !== type) problems.push(`Content-Type is ${told ?? "missing"}, not ${type}`)
  const encoding = answer.header("content-encoding")
  if (encoding !== undefined && encoding !== config.contentEncoding) {
    problems.push(`it is sent with Content-Encoding: ${encoding} to whoever asks for none`)
  }
  const [algorithm, digest] = entry.integrity.split("-") as [string, string]
  const whole = encoding === undefined && answer.body.byteLength === entry.size
  if (encoding === undefined && (!whole || createHash(algorithm).update(answer.body).digest("base64") !== digest)) {
    problems.push("its bytes are not those that were collected")
  }
  return problems
}

/** Whether a value has all directives of another, in whatever order. */
function covers(value: string | undefined, wanted: string): boolean {
  const directives = (text = ""): string[] => text.split(",").map((each) => each.trim().toLowerCase())
  const given = directives(value)
  return directives(wanted).every((each) => given.includes(each))
}

/** JavaScript has two names that mean the same. RFC 9239 */
function essence(type: string | undefined): string | undefined {
  const bare = type?.split(";")[0]!.trim().toLowerCase()
  return bare === "application/javascript" ? "text/javascript" : bare
}
