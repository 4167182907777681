import { type Command, Option } from "commander"
import { type Bind, concurrencyOption, define, dryRunOption, yesOption } from "./define.ts"
import { type SyncOptions, syncPlaces } from "./syncing/sync-places.ts"

export function syncCommand(bind: Bind): Command {
  return define("sync", "copy what a storage, directory or folder has and another one lacks", [
    "sync media: backup:",
    'sync ./public "s3://assets?region=eu-west-1" --delete',
    "sync media:2024 ./2024 --compare modified --dry-run",
  ])
    .alias("transfer")
    .argument("<from>", "a storage, directory or folder: media:, media:2024, ./public, s3://bucket")
    .argument("<to>", "where its files shall be, under the same names")
    .option("--delete", "delete at the target what the source does not have, after all else has succeeded; asks")
    .addOption(
      new Option("--compare <how>", "when a file counts as the same: bytes, or size alone, or size and not older")
        .choices(["content", "size", "modified"])
        .default("content"),
    )
    .addOption(dryRunOption())
    .addOption(yesOption())
    .addOption(concurrencyOption("48 small ones or 8 large ones", "files under way at once, of any size"))
    .action(bind<SyncOptions>(syncPlaces))
}
