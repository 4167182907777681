// One subject of a row, in a process of its own: its memory, threads and garbage are nobody else's.
// node --expose-gc --conditions=node-storages-source test/bench/harness/subject-process.ts ROW SUBJECT CONTEXT
import { readFileSync, writeFileSync } from "node:fs"
import { ROWS } from "../rows.ts"
import type { Asked, Round, Told } from "./messages.ts"
import { type Context, NotHere, type Work } from "./row.ts"

const [rowName, subjectName, context] = process.argv.slice(2) as [string, string, string]
const tell = (told: Told) => process.send!(told)

let work: Work
process.on("message", (asked: Asked) => void answer(asked))
process.on("disconnect", () => process.exit())
try {
  const row = await ROWS[rowName]!()
  work = await row.subjects[subjectName]!(JSON.parse(context) as Context)
  tell({ ready: true })
} catch (error) {
  tell(error instanceof NotHere ? { notHere: error.message } : { failed: described(error) })
}

async function answer(asked: Asked): Promise<void> {
  try {
    if ("round" in asked) return void tell({ round: await measure(asked.round) })
    await work?.close?.()
    process.disconnect()
  } catch (error) {
    tell({ failed: described(error) })
  }
}

async function measure(times: number): Promise<Round> {
  await work.prepare?.(times)
  globalThis.gc?.()
  forgetPeak()
  const before = memory("VmRSS")
  const computed = process.cpuUsage()
  const start = performance.now()
  const cost = (await work.run(times)) ?? {}
  const wall = performance.now() - start
  const { user, system } = process.cpuUsage(computed)
  const growth = Math.max(0, memory("VmHWM") - before)
  await work.tidy?.()
  return {
    // Of a size of nothing all is told.
    wall: (cost.wall ?? wall) / (times || 1),
    cpu: (cost.cpu ?? (user + system) / 1000) / (times || 1),
    growth,
  }
}

/** In bytes. Where /proc does not tell, the peak of the process's life is as good as it gets. */
function memory(field: "VmRSS" | "VmHWM"): number {
  try {
    return Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(readFileSync("/proc/self/status", "utf8"))![1]) * 1024
  } catch {
    return field === "VmRSS" ? process.memoryUsage.rss() : process.resourceUsage().maxRSS * 1024
  }
}

/** Lets the kernel's note of the largest size begin anew. */
function forgetPeak(): void {
  try {
    writeFileSync("/proc/self/clear_refs", "5")
  } catch {
    // Not Linux, or not allowed: then it is the peak of the process's life.
  }
}

function described(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
