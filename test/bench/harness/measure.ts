import { mkdtemp, rm } from "node:fs/promises"
import { join } from "node:path"
import type { Seen } from "../servers/cheap-s3.ts"
import { type BenchServer, startServer } from "./bench-server.ts"
import type { Round } from "./messages.ts"
import { benchFolder } from "./results.ts"
import { type BenchRow, type Goal, NotHere, OURS } from "./row.ts"
import { RunningSubject } from "./subject.ts"

/** The medians of one subject at one size, for one unit unless it says otherwise. */
interface Measured {
  readonly subject: string
  readonly size: number
  /** Milliseconds. */
  readonly wall: number
  readonly cpu: number
  /** Bytes by which its process grew in a round, at the most. */
  readonly growth: number
  /** In a round, where there is a server that counts. */
  readonly seen?: Seen
}

export interface RowResult {
  readonly name: string
  readonly title: string
  readonly unit: string
  readonly times: number
  readonly ratioOf: "wall" | "cpu"
  readonly base: string
  readonly measured: readonly Measured[]
  /** Subjects that could not be measured, with the reason. */
  readonly notHere: Readonly<Record<string, string>>
  readonly goals: readonly (Goal & { readonly ratio: number | undefined })[]
}

const ROUNDS = 7

type CountedRow = BenchRow & { readonly rounds: number }

/** What of a row is measured; default: everything. */
interface Choice {
  /** Subjects. */
  readonly only?: readonly string[] | undefined
  /** At most so many. */
  readonly rounds?: number | undefined
}

/** Measures a row: every subject in a process of its own, in rounds that take turns; medians. */
export async function measureRow(
  name: string,
  given: BenchRow,
  { only, rounds = Infinity }: Choice,
): Promise<RowResult> {
  const row: CountedRow = { ...given, rounds: Math.min(given.rounds ?? ROUNDS, rounds) }
  const measured: Measured[] = []
  const notHere: Record<string, string> = {}
  for (const size of row.sizes ?? [row.times]) {
    measured.push(...(await measureSize(name, row, size, notHere, only)))
  }
  const result = { name, title: row.title, unit: row.unit, times: row.times, ratioOf: row.ratioOf, base: row.base }
  const goals = row.goals.map(({ base, atMost, plus = 0, subject = OURS }) => {
    const [own, other] = [subject, base].map((each) => measured.findLast((one) => one.subject === each))
    return {
      subject,
      base,
      atMost,
      ...(plus > 0 && { plus }),
      ratio: own && other && (own[row.ratioOf] - plus) / other[row.ratioOf],
    }
  })
  return { ...result, measured, notHere, goals }
}

async function measureSize(
  name: string,
  row: CountedRow,
  size: number,
  notHere: Record<string, string>,
  only: readonly string[] | undefined,
): Promise<Measured[]> {
  const folder = await mkdtemp(join(benchFolder(), `node-storages-bench-${name}-`))
  const server = row.s3 && (await startServer(row.s3))
  const running: RunningSubject[] = []
  try {
    let number = 0
    for (const subject of Object.keys(row.subjects)) {
      if (only && !only.includes(subject)) continue
      const s3 = { ...(server?.connection ?? NOWHERE), bucket: `bench-${++number}` }
      await server?.makeBucket?.(s3.bucket)
      try {
        running.push(await RunningSubject.start(name, subject, { folder: join(folder, String(number)), size, s3 }))
      } catch (error) {
        if (!(error instanceof NotHere)) throw error
        notHere[subject] = error.message
      }
    }
    return await inRounds(row, size, running, server)
  } finally {
    for (const each of running) await each.stop()
    await server?.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

const NOWHERE = { endpoint: "", region: "us-east-1", credentials: { accessKeyId: "none", secretAccessKey: "none" } }

async function inRounds(
  row: CountedRow,
  size: number,
  running: readonly RunningSubject[],
  server: BenchServer | undefined,
): Promise<Measured[]> {
  const rounds = new Map<string, { cost: Round; seen: Seen | undefined }[]>(running.map(({ name }) => [name, []]))
  const warmups = row.warmups ?? 1
  for (let round = -warmups; round < row.rounds; round++) {
    for (const subject of running) {
      await server?.seen?.()
      const cost = await subject.round(size)
      const seen = await server?.seen?.()
      if (round >= 0) rounds.get(subject.name)!.push({ cost, seen })
    }
  }
  return [...rounds].map(([subject, all]) => {
    const seen = all.at(-1)?.seen
    return {
      subject,
      size,
      wall: median(all.map(({ cost }) => cost.wall)),
      cpu: median(all.map(({ cost }) => cost.cpu)),
      growth: Math.max(...all.map(({ cost }) => cost.growth)),
      ...(seen && { seen }),
    }
  })
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)]!
}
