/** What `npm test` ends with: where the time went, so that it can't creep back. */
import type { Reporter, TestModule } from "vitest/node"

const SLOWEST = 10
/** Of parts that take less than this many seconds of processor time together only the sum is told. */
const WORTH_A_ROW = 2

/** In seconds. */
interface Times {
  readonly name: string
  readonly files: number
  readonly wall: number
  readonly processor: number
}

/** A reporter that adds the time of each part and the slowest files to what other reporters tell. */
export class Summary implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    // One file has its time beside its name.
    if (modules.length < 2) return
    console.log(`\n${summaryOf(modules.map(timesOf), process.cpuUsage())}\n`)
  }
}

/**
 * @param files of the run, by their paths from the root of the workspace
 * @param own the processor time of Vitest itself, in microseconds: it transforms the files, and runs servers
 */
export function summaryOf(files: readonly Times[], own: { readonly user: number; readonly system: number }): string {
  const parts = Map.groupBy(files, ({ name }) => partOf(name))
  const rows = [...parts].map(([name, members]) => together(name, members)).toSorted(byProcessor)
  const small = rows.filter(({ processor }) => processor < WORTH_A_ROW)
  const vitest = { name: "Vitest itself", files: 0, wall: 0, processor: (own.user + own.system) / 1e6 }
  const shown = [
    ...rows.filter((row) => !small.includes(row)),
    ...(small.length > 0 ? [together("all others", small)] : []),
    vitest,
  ]
  const slowest = files.toSorted((one, other) => other.wall - one.wall).slice(0, SLOWEST)
  return [
    heading("Time by part, in seconds"),
    ...shown.map(line),
    line(together("together", [...files, vitest])),
    "",
    heading(`The ${slowest.length} slowest files`),
    ...slowest.map(line),
  ].join("\n")
}

function timesOf(module: TestModule): Times {
  const { duration, collectDuration, prepareDuration, environmentSetupDuration, setupDuration } = module.diagnostic()
  const wall = duration + collectDuration + prepareDuration + environmentSetupDuration + setupDuration
  const processor = module.meta().processorTime ?? 0
  return { name: module.relativeModuleId, files: 1, wall: wall / 1000, processor: processor / 1000 }
}

/** `packages/core` and `test/cli`, but `docs` and `test` where a file stands in no room of its own. */
function partOf(path: string): string {
  const folders = path.split("/").slice(0, -1)
  return folders.slice(0, 2).join("/")
}

function together(name: string, members: readonly Times[]): Times {
  const sum = (of: (times: Times) => number) => members.reduce((total, member) => total + of(member), 0)
  return { name, files: sum(({ files }) => files), wall: sum(({ wall }) => wall), processor: sum((m) => m.processor) }
}

function byProcessor(one: Times, other: Times): number {
  return other.processor - one.processor
}

function heading(text: string): string {
  return `${text.padEnd(64)}${"files".padStart(8)}${"wall".padStart(8)}${"processor".padStart(12)}`
}

function line({ name, files, wall, processor }: Times): string {
  return `  ${name.padEnd(62)}${String(files).padStart(8)}${wall.toFixed(1).padStart(8)}${processor.toFixed(1).padStart(12)}`
}
