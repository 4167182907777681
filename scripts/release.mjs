// Builds the packages, packs those whose version the registry does not have, and publishes these tarballs, dependencies
// first, each with a tag: what the release workflow does in jobs of their own.
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { changeset } from "./changeset.mjs"
import { steps } from "./steps.mjs"

const folder = mkdtempSync(join(tmpdir(), "node-storages-release-"))
// A step that fails ends the process.
process.on("exit", () => rmSync(folder, { recursive: true, force: true }))

steps([["node", ["scripts/build.mjs"]]])
steps([changeset("pack", "--out-dir", folder)])
steps([changeset("publish", "--from-pack-dir", folder)])
