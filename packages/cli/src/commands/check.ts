import { type Command, InvalidArgumentError, Option } from "commander"
import { driverOf, type Duration, nearest, seconds } from "@node-storages/core"
import { CommandError, usageError } from "../command-error.ts"
import type { Config } from "../config/load-config.ts"
import { EXIT, type ExitCode } from "../exit-codes.ts"
import { count } from "../output/text.ts"
import type { Session } from "../session.ts"
import { checkStatic, checkStorage, type CheckSettings } from "./check/check-storage.ts"
import { permissionLines, permissionsOf } from "./check/permissions.ts"
import { LiveReport, type StorageReport } from "./check/report.ts"
import { type Bind, define } from "./define.ts"

interface CheckOptions {
  readonly origin?: string
  readonly readOnly?: boolean
  readonly large?: boolean
  readonly permissions?: boolean
  readonly timeout: number
}

export function checkCommand(bind: Bind): Command {
  return define("check", "try whether the storages work: credentials, rights, URLs, CORS, the clock", [
    "check",
    "check media --origin https://www.example.com",
    "check --read-only --env production.env",
    "check media --permissions",
  ])
    .argument("[storage...]", "storages of the configuration, or their URLs (default: all, and the static files)")
    .option("--origin <origin>", "also check what pages of this origin may do (CORS)", originOf)
    .option("--read-only", "write nothing: what is there is listed and read")
    .option("--large", "also write files of 9 MiB, which go up in parts")
    .option("--permissions", "do nothing but print the permissions that the storages need")
    .addOption(
      new Option("--timeout <duration>", "the most time of one step: 10s, 2m").argParser(durationOf).default(30, "30s"),
    )
    .action(bind<CheckOptions>(check))
}

async function check(session: Session, options: CheckOptions, given: string[]): Promise<ExitCode> {
  const named = given.length > 0 ? given : session.options.storage === undefined ? [] : [session.options.storage]
  const isUrl = (name: string): boolean => name.includes("://") || name.startsWith("memory:")
  const config = named.length > 0 && named.every(isUrl) ? undefined : await session.config()
  const titles = named.length > 0 ? named.map((name) => (isUrl(name) ? name : known(config!, name))) : config!.names
  if (options.permissions === true) return await tellPermissions(session, titles)

  const { origin, readOnly = false, large = false, timeout } = options
  const settings: CheckSettings = { origin, readOnly, large, timeout }
  const live = new LiveReport(session.output)
  const reports: StorageReport[] = []
  for (const title of titles) {
    reports.push(await checkStorage(session, live, title, settings))
    throwIfStopped(session, reports)
  }
  const staticConfig =
    named.length === 0 || named.some((name) => isStaticStorage(config, name)) ? config?.staticConfig : undefined
  if (staticConfig !== undefined) reports.push(await checkStatic(session, live, staticConfig, settings))
  throwIfStopped(session, reports)
  return conclude(session, reports)
}

/** Ctrl-C: the storage that was being checked is cleaned up by now. */
function throwIfStopped({ signal }: Session, reports: readonly StorageReport[]): void {
  if (!signal.aborted) return
  const left = reports.flatMap(({ leftBehind }) => leftBehind)
  const rest = left.length === 0 ? "Nothing is left of it." : `These files of it are left: ${left.join(", ")}`
  throw new CommandError("aborted", `The check was stopped. ${rest}`, EXIT.interrupted)
}

function conclude({ output }: Session, reports: readonly StorageReport[]): ExitCode {
  const failed = reports.filter(({ ok }) => !ok)
  if (reports.length > 0 && !output.json) {
    const failures = failed.flatMap(({ steps }) => steps).filter(({ status }) => status === "failed").length
    output.note(
      failed.length === 0
        ? "All is well."
        : `${count(failures, "step")} failed in: ${failed.map(({ storage }) => storage).join(", ")}`,
    )
  }
  return failed.length === 0 ? EXIT.done : EXIT.failed
}

function isStaticStorage(config: Config | undefined, name: string): boolean {
  const bare = name.replace(/:$/, "")
  if (config?.staticConfig === undefined || !config.names.includes(bare)) return false
  try {
    return config.storage(bare) === config.staticConfig.storage
  } catch {
    return false
  }
}

async function tellPermissions(session: Session, titles: readonly string[]): Promise<ExitCode> {
  for (const title of titles) {
    const driver = driverOf(await session.storage(title))
    const report = permissionsOf(driver)
    const shown = title.includes("://") ? (driver?.target ?? "the storage") : title
    const lines = report === undefined ? ["  The adapter does not tell what it needs."] : permissionLines(report)
    const text = [`${session.output.resultStyle("bold", shown)}  ${driver?.target ?? ""}`.trimEnd(), ...lines, ""].join(
      "\n",
    )
    await session.output.result(text, { storage: shown, target: driver?.target, ...report })
  }
  return EXIT.done
}

/** A name of the configuration, with or without its colon. @throws CommandError */
function known(config: Config, name: string): string {
  const bare = name.replace(/:$/, "")
  if (config.names.includes(bare)) return bare
  const like = nearest(bare, config.names)
  throw usageError(
    `${config.file} has no storage "${bare}". ${like === undefined ? `It has: ${config.names.join(", ") || "none"}.` : `Is "${like}" meant?`}`,
  )
}

function originOf(text: string): string {
  if (/^https?:\/\/[^/?#@]+$/.test(text) && URL.canParse(text)) return new URL(text).origin
  throw new InvalidArgumentError("It must be an origin: https://www.example.com, without a path.")
}

function durationOf(text: string): number {
  try {
    const value = seconds(/^\d+$/.test(text) ? Number(text) : (text as Duration), "--timeout")
    if (value > 0) return value
  } catch {
    // Told below.
  }
  throw new InvalidArgumentError("It must be a number of seconds, or a duration: 30s, 2m.")
}
