import { SITE, temporaryFolder, writeFiles } from "../collect/site.ts"
import { deploy } from "./deploy.ts"
import { type SiteState, stateOf } from "./site-state.ts"

export interface LiveSite {
  /** What the next release is made of: every file has changed. */
  readonly source: string
  readonly target: string
  readonly before: SiteState
}

/** A site that has been collected, and whose sources have changed since. */
export async function liveSite(): Promise<LiveSite> {
  const [source, target] = [await writeFiles(SITE), await temporaryFolder()]
  await deploy({ source, target })
  const changed = Object.entries(SITE).map(([name, content]) => [name, `${content}\n`] as const)
  await writeFiles(Object.fromEntries(changed), source)
  return { source, target, before: await stateOf(target) }
}
