import { expect } from "vitest"
import { type Ended, runCommand, type RunOptions } from "./run-command.ts"

interface Step {
  readonly step: string
  readonly status: "ok" | "warning" | "failed" | "skipped"
  readonly text: string
  readonly code?: string
  readonly hint?: string
  readonly seconds: number
}

/** What `storages check --json` tells of one storage. */
interface Report {
  readonly storage: string
  readonly target?: string
  readonly ok: boolean
  readonly steps: readonly Step[]
  readonly leftBehind: readonly string[]
}

export interface Checked extends Ended {
  readonly reports: readonly Report[]
  /** The step of the first storage. */
  step(name: string): Step
  /** The steps of the first storage that ended so. */
  named(status: Step["status"]): string[]
}

/** Runs `storages check --json`. */
export async function runCheck(args: readonly string[], options: RunOptions): Promise<Checked> {
  const ended = await runCommand(["check", "--json", ...args], options)
  const lines = ended.stdout.split("\n").filter((line) => line !== "")
  const reports = lines.map((line) => JSON.parse(line) as Report)
  expect(reports, ended.stderr).not.toEqual([])
  const { steps } = reports[0]!
  return {
    ...ended,
    reports,
    step: (name) => steps.find(({ step }) => step === name)!,
    named: (status) => steps.filter((step) => step.status === status).map(({ step }) => step),
  }
}
