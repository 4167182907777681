import type { Storage } from "@node-storages/core"
import { collect, type CollectReport, defineStatic, type StaticOptions } from "@node-storages/static"
import { REAL_TREE } from "./packages.ts"

/** What is called how often. */
export type Calls = Readonly<Record<string, number>>

/** A collect, with what it asked of the storage. */
export interface Run {
  readonly report: CollectReport
  readonly calls: Calls
}

/**
 * Collects the tree into an empty storage, and once more with nothing changed. Prints both.
 * @param calls all that were made since the beginning, by name
 */
export async function collectTwice(
  title: string,
  storage: Storage,
  calls: () => Calls,
  options: Partial<StaticOptions> = {},
): Promise<{ readonly first: Run; readonly second: Run }> {
  const config = defineStatic({ ...REAL_TREE, ...options, storage })
  const run = async (): Promise<Run> => {
    const [before, begun] = [{ ...calls() }, performance.now()]
    // Leaflet publishes sources with imports for its bundler, which lead nowhere in a browser.
    const report = await collect(config, { strict: false })
    const seconds = (performance.now() - begun) / 1000
    const made = Object.entries(calls())
      .map(([name, count]) => [name, count - (before[name] ?? 0)] as const)
      .filter(([, count]) => count > 0)
    const shown = made.map(([name, count]) => `${name} ${count}`).join(", ")
    console.log(`${title}: ${report.files} files, ${seconds.toFixed(1)} s, calls: ${shown}`)
    return { report, calls: Object.fromEntries(made) }
  }
  return { first: await run(), second: await run() }
}
