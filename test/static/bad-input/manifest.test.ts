import { readFile, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import type { Manifest, StaticErrorCode } from "@node-storages/static"
import { describe, expect, it } from "vitest"
import { deploy, deployInVain } from "./deploy.ts"
import { liveSite } from "./live-site.ts"
import { expectWholeWithPlain, stateOf } from "./site-state.ts"

interface BadManifest {
  readonly what: string
  readonly damage: (text: string) => string | Uint8Array
  readonly code: StaticErrorCode
  readonly says: string
}

const changed = (change: object) => (text: string) =>
  JSON.stringify({ ...(JSON.parse(text) as Manifest), ...change }, undefined, 2)

const BAD: readonly BadManifest[] = [
  { what: "is a page", damage: () => "<!doctype html>", code: "invalid-manifest", says: "it is not JSON" },
  { what: "is empty", damage: () => "", code: "invalid-manifest", says: "it is not JSON" },
  {
    what: "is cut in half",
    damage: (text) => text.slice(0, text.length / 2),
    code: "invalid-manifest",
    says: "it is not JSON",
  },
  {
    what: "is zeros, as a crash of the machine leaves it",
    damage: (text) => Buffer.alloc(text.length),
    code: "invalid-manifest",
    says: "it is not JSON",
  },
  { what: "is a list", damage: () => "[]", code: "invalid-manifest", says: "must be an object" },
  { what: "has no version", damage: () => "{}", code: "invalid-manifest", says: '"version" must be 1' },
  { what: "has no files", damage: () => '{"version": 1}', code: "invalid-manifest", says: '"files" must be an object' },
  {
    what: "names files out of the target",
    damage: changed({ files: { "a.css": { name: "../a.css", size: 1, integrity: "sha256-AA==" } } }),
    code: "invalid-manifest",
    says: "../a.css",
  },
  { what: "is of a newer version", damage: changed({ version: 2 }), code: "newer-manifest", says: "has version 2" },
]

describe("a collect over a manifest that", () => {
  it.each(BAD)("$what fails, tells where it is, and leaves the site as it was", async ({ damage, code, says }) => {
    const { source, target } = await liveSite()
    const path = join(target, "staticfiles.json")
    await writeFile(path, damage(await readFile(path, "utf8")))
    const before = await stateOf(target)
    await deployInVain({ source, target }, code, ["staticfiles.json", target, says])
    expect(await stateOf(target)).toEqual(before)
    await rm(path)
    await deploy({ source, target })
    await expectWholeWithPlain(target)
  })
})
