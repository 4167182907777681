import nodeModule from "node:module"
import { pathToFileURL } from "node:url"
import { ROOT } from "../docs/markdown.ts"

const WORKSPACE = pathToFileURL(`${ROOT}/`).href
let runs = 0

/**
 * Makes Node load the modules of an app anew, as a process of its own would: the configuration may have been rewritten,
 * depends on the environment, and has storages that the command before has closed. The workspace and what is installed
 * stay as they are. Each run has its own URL for a file, which shows nowhere.
 */
export async function withFreshModules<Result>(run: () => Promise<Result>): Promise<Result> {
  const mark = `?run=${++runs}`
  const hooks = nodeModule.registerHooks({
    resolve(specifier, context, next) {
      const resolved = next(specifier, context)
      return isOfApp(resolved) ? { ...resolved, url: resolved.url + mark } : resolved
    },
    load(url, context, next) {
      if (!url.endsWith(mark)) return next(url, context)
      const plain = url.slice(0, -mark.length)
      const loaded = next(plain, context)
      if (loaded.format === "module-typescript")
        return { ...loaded, format: "module", source: withoutTypes(loaded.source, plain) }
      if (loaded.format === "module") return { ...loaded, source: `${textOf(loaded.source)}\n//# sourceURL=${plain}` }
      return loaded
    },
  })
  try {
    return await run()
  } finally {
    hooks.deregister()
  }
}

function isOfApp({ url, format }: nodeModule.ResolveFnOutput): boolean {
  if (format?.startsWith("commonjs") === true || format === "json") return false
  return url.startsWith("file:") && !url.startsWith(WORKSPACE) && !url.includes("/node_modules/")
}

type Source = nodeModule.LoadFnOutput["source"]

/** As Node does it, with its messages. */
function withoutTypes(source: Source, url: string): string {
  return nodeModule.stripTypeScriptTypes(textOf(source), { mode: "strip", sourceUrl: url })
}

function textOf(source: Source): string {
  return typeof source === "string" ? source : new TextDecoder().decode(source)
}
