import { existsSync, readFileSync, statfsSync, writeFileSync } from "node:fs"
import { cpus, tmpdir, totalmem } from "node:os"
import type { RowResult } from "./measure.ts"

export interface Machine {
  /** `2026-01-31` */
  readonly date: string
  readonly node: string
  readonly cores: number
  readonly processor: string
  readonly memoryGiB: number
  /** What files are on: a file system that is slow to create one hides what a library takes. */
  readonly fileSystem: string
}

/** By the number that statfs(2) gives. */
const FILE_SYSTEMS: ReadonlyMap<number, string> = new Map([
  [0x01021994, "tmpfs (memory)"],
  [0xef53, "ext4"],
  [0x58465342, "XFS"],
  [0x9123683e, "Btrfs"],
  [0x794c7630, "overlayfs"],
])

/** Where subjects have their folders. */
export function benchFolder(): string {
  return process.env["BENCH_FOLDER"] ?? tmpdir()
}

/** What one run has measured, as it is kept in a file. */
export interface Results {
  readonly machine: Machine
  readonly rows: readonly RowResult[]
}

export function thisMachine(): Machine {
  return {
    date: new Date().toISOString().slice(0, 10),
    node: process.version,
    cores: cpus().length,
    processor: cpus()[0]?.model ?? "unknown",
    memoryGiB: Math.round(totalmem() / 1024 ** 3),
    fileSystem: FILE_SYSTEMS.get(statfsSync(benchFolder()).type) ?? "another file system",
  }
}

export function describeMachine({ node, cores, processor, memoryGiB, fileSystem }: Machine): string {
  return `Node ${node}, ${cores} cores (${processor}), ${memoryGiB} GiB, files on ${fileSystem}`
}

export function readResults(file: string): Results {
  return JSON.parse(readFileSync(file, "utf8")) as Results
}

/** Puts a row into the file, in place of what it has of that name. */
export function keepResult(file: string, row: RowResult, names: readonly string[]): void {
  const kept = existsSync(file) ? readResults(file).rows.filter(({ name }) => name !== row.name) : []
  const rows = [...kept, row].toSorted((one, other) => names.indexOf(one.name) - names.indexOf(other.name))
  const results: Results = { machine: thisMachine(), rows }
  writeFileSync(file, `${JSON.stringify(results, undefined, 2)}\n`)
}
