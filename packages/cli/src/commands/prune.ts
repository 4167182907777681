import { type Duration, seconds } from "@node-storages/core"
import type { PruneOptions, PruneReport } from "@node-storages/static"
import { type Command, InvalidArgumentError, Option } from "commander"
import { bytes, count } from "../output/text.ts"
import type { Session } from "../session.ts"
import { type Bind, define, dryRunOption, yesOption } from "./define.ts"
import { describeStorage, requireStaticConfig } from "./static-config.ts"

const DEFAULT_AGE = "30d"
const DEFAULT_KEPT = 1

interface PruneCommandOptions {
  readonly olderThan: Duration
  readonly keep: number
  readonly dryRun?: boolean
}

export function pruneCommand(bind: Bind): Command {
  return define("prune", "delete static files of releases that are over, after asking", [
    "prune --dry-run",
    "prune --older-than 90d --keep 3 --yes",
  ])
    .addOption(
      new Option("--older-than <duration>", "only of releases that were replaced longer ago than this: 12h, 30d, 8w")
        .default(DEFAULT_AGE)
        .argParser(age),
    )
    .addOption(
      new Option("--keep <number>", "releases before the present one that stay whatever their age, to go back to")
        .default(DEFAULT_KEPT)
        .argParser(wholeNumberFromZero),
    )
    .addOption(dryRunOption())
    .addOption(yesOption())
    .action(bind<PruneCommandOptions>(pruneReleases))
}

async function pruneReleases(session: Session, options: PruneCommandOptions): Promise<void> {
  const { storage, manifest } = await requireStaticConfig(session)
  const { olderThan, keep, dryRun = false } = options
  const { output, signal } = session
  const { prune } = await import("@node-storages/static")
  const how: PruneOptions = { manifest, olderThan, keep, signal }
  output.status("Looking for files that no release needs")
  const found = await prune(storage, { ...how, dryRun: true })
  output.status("")
  for (const name of found.deleted) output.detail(name)
  const amount = found.deleted.length + found.manifestsDeleted.length
  if (dryRun || amount === 0) {
    await output.result(lineOf({ ...found, dryRun }), { ...found, dryRun })
    return
  }
  const since = olderThan === 0 ? "" : `, of releases that were replaced more than ${olderThan} ago`
  await session.confirm(`Delete ${filesOf(found)} in ${describeStorage(storage)}${since}?`)
  output.status("Deleting")
  const report = await prune(storage, how)
  await output.result(lineOf(report), report)
}

function filesOf({ deleted, bytesDeleted, manifestsDeleted }: PruneReport): string {
  const records = manifestsDeleted.length === 0 ? "" : ` and ${count(manifestsDeleted.length, "record")}`
  return `${count(deleted.length, "file")} (${bytes(bytesDeleted)})${records}`
}

function lineOf(report: PruneReport): string {
  const { deleted, manifestsDeleted, releases, dryRun } = report
  const kept = releases === 1 ? "1 release is kept." : `${releases} releases are kept.`
  if (deleted.length + manifestsDeleted.length === 0) return `Nothing to delete. ${kept}`
  return `${filesOf(report)} ${dryRun ? "would be deleted" : "deleted"}. ${kept}`
}

/** With a unit: who writes 30 hardly means seconds. */
function age(text: string): Duration {
  if (/^\d+$/.test(text) && text !== "0") throw new InvalidArgumentError(`Give it a unit: ${text}d are days.`)
  const duration = text === "0" ? 0 : (text as Duration)
  try {
    seconds(duration)
  } catch {
    throw new InvalidArgumentError("It must be a number with a unit: 12h, 30d, 8w.")
  }
  return duration
}

function wholeNumberFromZero(text: string): number {
  const value = Number(text)
  if (/^\d+$/.test(text) && Number.isSafeInteger(value)) return value
  throw new InvalidArgumentError("It must be a whole number from 0 on.")
}
