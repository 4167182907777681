import type { S3Connection } from "../../servers/s3-server.ts"

/** What a subject is given, in the process that it has for itself. */
export interface Context {
  /** A folder of its own, empty, removed at the end. On the disk (or tmpfs) that `BENCH_FOLDER` names. */
  readonly folder: string
  /** How much there is to do: one of the row's `sizes`, else its `times`. */
  readonly size: number
  /** The S3 server, where the row asks for it, and a bucket that is this subject's own. */
  readonly s3: S3Connection & { readonly bucket: string }
}

/** What one round cost, where the subject knows better than the process that it runs in. */
export interface Cost {
  /** Milliseconds. */
  readonly wall: number
  /** Milliseconds of processor time, user and system, all threads. */
  readonly cpu: number
}

/** The work that is measured. */
export interface Work {
  /** Does it so many times: once is one `unit` of the row. Not measured: what is done before and after each round. */
  run(times: number): Promise<Partial<Cost> | void>
  prepare?(times: number): Promise<void>
  tidy?(): Promise<void>
  close?(): Promise<void>
}

/** Makes the work ready. It runs in a child process: whatever it needs it imports or makes itself. */
export type Subject = (context: Context) => Promise<Work>

/** At what ratio to the base a row has reached its goal. */
export interface Goal {
  /** The name of the subject; default: `"node-storages"`. */
  readonly subject?: string
  readonly base: string
  /** Of the base's cost. */
  readonly atMost: number
  /** Milliseconds that may come on top of that, where only what is added to the base matters. Default: 0. */
  readonly plus?: number
}

/** One line of the table in docs/performance.md: a piece of work, and everybody who does it. */
export interface BenchRow {
  readonly title: string
  /** What is done once: `"URL"`, `"object"`. */
  readonly unit: string
  /** How many units a round has. */
  readonly times: number
  /** Default: 7. */
  readonly rounds?: number
  /** Rounds before the measurement. Default: 1. */
  readonly warmups?: number
  /** What ratios are made of. */
  readonly ratioOf: keyof Cost
  /** Ratios are to the cost of this subject. */
  readonly base: string
  readonly goals: readonly Goal[]
  /** A server that the row needs: the cheap one, with so many milliseconds added to each answer, or a real one. */
  readonly s3?: { readonly latency?: number; readonly ceph?: boolean }
  /** Instead of one number of `times`: each subject does each of these, and the growth of the cost is shown. */
  readonly sizes?: readonly number[]
  /** By name, in the order of the table. One that can't run here throws a `NotHere` with the reason. */
  readonly subjects: Readonly<Record<string, Subject>>
}

/** Compared by every row. */
export const OURS = "node-storages"

/** A subject that can't be measured on this machine, and why: a program or peer that is not installed. */
export class NotHere extends Error {
  override readonly name = "NotHere"
}
