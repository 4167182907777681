import { existsSync } from "node:fs"
import { writeFile } from "node:fs/promises"
import { basename, dirname, join, relative, resolve } from "node:path"
import { type Command, Option } from "commander"
import { CommandError, usageError } from "../command-error.ts"
import { CONFIG_NAMES } from "../config/find-config.ts"
import { EXIT } from "../exit-codes.ts"
import type { Session } from "../session.ts"
import { type Bind, define } from "./define.ts"
import { type App, lookAt, notInstalled } from "./init/app.ts"
import { choicesFor, type InitFlags } from "./init/ask.ts"
import { FlagAsker, TerminalAsker } from "./init/askers.ts"
import { BACKEND_NAMES } from "./init/backends.ts"
import { type Choices, configSource, packagesOf } from "./init/config-source.ts"

interface InitOptions extends InitFlags {
  readonly js?: boolean
  readonly yes?: boolean
}

export function initCommand(bind: Bind): Command {
  const backends = (flag: string, text: string, more: readonly string[] = []): Option =>
    new Option(`${flag} <backend>`, text).choices([...more, ...BACKEND_NAMES])
  return define("init", "write a configuration: asks, or takes options", [
    "init",
    "init --yes",
    "init --media s3 --media-bucket acme-media --region eu-west-1 --static local --sources assets",
    "init --media r2 --media-bucket acme-media --account 0123abcd --public --media-url https://media.example.com/",
  ])
    .addOption(backends("--media", "where the files are that users upload"))
    .option("--media-bucket <name>", "the bucket, container or folder of media files")
    .option("--public", "everybody may read media files")
    .addOption(new Option("--private", "media files are read by signed URLs (default)").conflicts("public"))
    .option("--media-url <url>", "the public address of media files")
    .addOption(backends("--static", "where static files are published", ["none"]))
    .option("--static-bucket <name>", "the bucket, container or folder of static files")
    .option("--static-url <url>", "the public address of static files")
    .option("--sources <folder>", "the folder of static files in the app")
    .option("--region <region>", "of the buckets")
    .option("--endpoint <url>", "the address of an S3-compatible service")
    .option("--account <name>", "the storage account of Azure, the account id of R2")
    .option("--js", "write JavaScript (default: TypeScript, where the app uses it)")
    .option("-y, --yes", "ask nothing: what no option answers is the default")
    .action(bind<InitOptions>(init))
}

async function init(session: Session, options: InitOptions): Promise<void> {
  const given = session.options.config
  const folder = given === undefined ? session.folder : dirname(resolve(session.folder, given))
  const app = lookAt(folder, options.js === true)
  const file = join(folder, given === undefined ? app.configName : basename(given))
  const canAsk = options.yes !== true && process.stdin.isTTY && session.output.interactive && !session.output.json
  if (!canAsk && options.yes !== true && options.media === undefined) {
    throw usageError(
      "Nobody can be asked here: say where media files are, or give --yes for a folder of this machine. " +
        "storages init --media s3 --media-bucket acme-media --region eu-west-1",
    )
  }
  const existing = CONFIG_NAMES.map((name) => join(folder, name)).find((name) => existsSync(name))
  const taken = existsSync(file) ? file : given === undefined ? existing : undefined
  if (taken !== undefined) await mayReplace(session, taken, file, canAsk)

  const choices = await ask(session, options, folder, canAsk)
  try {
    await writeFile(file, configSource(choices), { flag: taken === file ? "w" : "wx" })
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? String(error)
    throw new CommandError("not-written", `${file} can't be written: ${reason}.`, EXIT.failed, error)
  }
  await tell(session, app, file, choices)
}

/** Only a person may say so: --yes is for the questions. */
async function mayReplace(session: Session, taken: string, file: string, canAsk: boolean): Promise<void> {
  const shown = relative(session.folder, taken) || taken
  if (!canAsk) {
    throw new CommandError(
      "declined",
      `${shown} is there already, and is not overwritten. Move it away, or name another file with --config.`,
      EXIT.declined,
    )
  }
  if (taken !== file) {
    throw new CommandError(
      "declined",
      `${shown} is there already: a second configuration would not be read. Move it away, or name another file with --config.`,
      EXIT.declined,
    )
  }
  await session.confirm(`${shown} is there already. Overwrite it?`)
}

async function ask(session: Session, options: InitOptions, folder: string, canAsk: boolean): Promise<Choices> {
  if (canAsk) return await choicesFor(new TerminalAsker(session), options, folder)
  const asker = new FlagAsker()
  const choices = await choicesFor(asker, options, folder)
  asker.finish()
  return choices
}

async function tell(session: Session, { manager }: App, file: string, choices: Choices): Promise<void> {
  const shown = relative(session.folder, file)
  const packages = notInstalled(dirname(file), packagesOf(choices))
  const install = packages.length === 0 ? undefined : `${manager.add} ${packages.join(" ")}`
  const configured = shown === basename(shown) && CONFIG_NAMES.includes(shown) ? "" : ` --config ${shown}`
  const next = `${manager.run} storages check${configured}`
  const lines = [`Wrote ${shown}.`, ...(install === undefined ? [] : [`Install: ${install}`]), `Then try it: ${next}`]
  await session.output.result(lines.join("\n"), { file, packages, install, next })
}
