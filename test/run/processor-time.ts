/** Set-up of every project: each file tells what processor time it took, for the table at the end of the run. */
import { readFileSync } from "node:fs"
import { afterAll } from "vitest"

declare module "vitest" {
  interface TaskMeta {
    /** In milliseconds, of the process and of those that it started and that have ended. */
    processorTime?: number
  }
}

const TICKS_PER_SECOND = 100

/** Of this process, which files without isolation share, when the last file ended. */
const shared = globalThis as { processorTimeBefore?: number }

/** In milliseconds, from the start of the process. */
function processorTime(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000 + childrensTime()
}

/** Of ended children: Linux alone tells it. */
function childrensTime(): number {
  if (process.platform !== "linux") return 0
  const afterName = readFileSync("/proc/self/stat", "utf8").split(") ").at(-1)!.split(" ")
  // cutime and cstime, fields 16 and 17 of proc(5), where field 3 is the first after the name.
  return ((Number(afterName[13]) + Number(afterName[14])) / TICKS_PER_SECOND) * 1000
}

// The first of these is run as the last.
// oxlint-disable-next-line no-empty-pattern -- Vitest reads which fixtures a hook takes
afterAll(({}, file) => {
  const now = processorTime()
  file.meta.processorTime = now - (shared.processorTimeBefore ?? 0)
  shared.processorTimeBefore = now
})
