import { readFileSync } from "node:fs"
import { join } from "node:path"
import { AzureStorage } from "@node-storages/azure"
import { type DriverPermissions, type DriverStorage, describePermissions, type Permission } from "@node-storages/core"
import { GCSStorage } from "@node-storages/gcs"
import { LocalStorage } from "@node-storages/local"
import { S3Storage } from "@node-storages/s3"
import { describe, expect, it } from "vitest"
import { ROOT } from "./markdown.ts"

/** Each with the options that ask for more permissions. */
const STORAGES: readonly [path: string, name: RegExp, storage: DriverStorage][] = [
  ["docs/adapters/s3.md", /^(?:s3|kms):\w+$/, new S3Storage("acme-media", { region: "eu-west-1" })],
  [
    "docs/adapters/gcs.md",
    /^\w+(?:\.\w+)+$/,
    new GCSStorage("acme-media", { predefinedAcl: "private", userProject: "acme-billing" }),
  ],
  ["docs/adapters/azure.md", /^Microsoft\./, new AzureStorage("media", { accountName: "acmemedia" })],
  ["docs/adapters/local.md", /^\w+ \(.\)$/, new LocalStorage("/srv/media")],
]

function namesOf(permissions: DriverPermissions): string[] {
  const all = (Object.values(permissions) as (readonly Permission[])[]).flat()
  return [...new Set(all.map(({ name }) => name))].toSorted()
}

describe("the table of permissions", () => {
  it.each(STORAGES)("in %s has those of the driver, each once", (path, isName, { driver }) => {
    const section = /^## Permissions$([^]*?)^## /m.exec(readFileSync(join(ROOT, path), "utf8"))?.[1] ?? ""
    const documented = [...section.matchAll(/^\| `([^`]+)` +\|/gm)].map((match) => match[1]!)
    expect(documented.filter((name) => !isName.test(name))).toEqual([])
    expect(documented.toSorted()).toEqual(namesOf(driver.permissions!))
  })

  it.each(STORAGES)("in %s is followed by words that a refusal really ends with", (path, _, { driver }) => {
    const section = /^## Permissions$([^]*?)^## /m.exec(readFileSync(join(ROOT, path), "utf8"))?.[1] ?? ""
    const quoted = /`…[^`]*It needs ([^`]+)`/.exec(section)?.[1]
    const ends = (Object.values(driver.permissions!) as (readonly Permission[])[]).map(describePermissions)
    expect(ends.filter((end) => quoted !== undefined && end.startsWith(quoted))).not.toEqual([])
  })
})
