import { execFileSync } from "node:child_process"
import { chmod, mkdir, rm, symlink, writeFile } from "node:fs/promises"
import { join } from "node:path"
import type { StaticErrorCode } from "@node-storages/static"
import { describe, expect, it } from "vitest"
import { writeFiles } from "../collect/site.ts"
import { deploy, deployInVain } from "./deploy.ts"
import { liveSite } from "./live-site.ts"
import { expectAsItWas, expectWholeWithPlain, stateOf } from "./site-state.ts"
import { withoutPrivileges } from "./without-privileges.ts"

interface BadSource {
  readonly what: string
  /** Breaks the source in this folder. */
  readonly breaks: (folder: string) => Promise<unknown>
  readonly code: StaticErrorCode
  /** What the message names, below the source. */
  readonly names: readonly string[]
  readonly says: string
  readonly mends: (folder: string) => Promise<unknown>
  /** Found only when others have been published. */
  readonly late?: boolean
}

const remove = (name: string) => (folder: string) => rm(join(folder, name), { recursive: true })
const write = (name: string, content: string | Uint8Array) => (folder: string) =>
  writeFiles({ [name]: content }, folder)
const link = (name: string, target: string) => (folder: string) => symlink(target, join(folder, name))

const LATIN1 = Buffer.from("a::before { content: '\u00e4' }", "latin1")
const UTF16 = Buffer.from("\ufeffa { color: red }", "utf16le")

const BAD: readonly BadSource[] = [
  {
    what: "a style sheet that is not UTF-8",
    breaks: write("css/base.css", LATIN1),
    code: "unreadable-file",
    names: ["css/base.css"],
    says: "is not UTF-8",
    mends: write("css/base.css", "a {}"),
  },
  {
    what: "a style sheet in UTF-16",
    breaks: write("css/base.css", UTF16),
    code: "unreadable-file",
    names: ["css/base.css"],
    says: "is not UTF-8",
    mends: write("css/base.css", "a {}"),
  },
  {
    what: "a link to nothing",
    breaks: link("img/gone.png", "nowhere.png"),
    code: "unreadable-file",
    names: ["img/gone.png"],
    says: "nowhere.png, which does not exist",
    mends: remove("img/gone.png"),
  },
  {
    what: "a named pipe, which would be waited for without end",
    breaks: async (folder) => execFileSync("mkfifo", [join(folder, "img/pipe.png")]),
    code: "unreadable-file",
    names: ["img/pipe.png"],
    says: "is a named pipe",
    mends: remove("img/pipe.png"),
  },
  {
    what: "a link to itself",
    breaks: link("img/again.png", "again.png"),
    code: "unreadable-source",
    names: ["img/again.png"],
    says: "back to itself",
    mends: remove("img/again.png"),
  },
  {
    what: "a link to a folder that it is in",
    breaks: link("img/up", "../.."),
    code: "unreadable-source",
    names: ["img/up"],
    says: "would be walked without end",
    mends: remove("img/up"),
  },
  {
    what: "two folders with links to each other",
    breaks: async (folder) => {
      for (const name of ["one", "two"]) await mkdir(join(folder, name))
      await link("one/two", "../two")(folder)
      await link("two/one", "../one")(folder)
    },
    code: "unreadable-source",
    names: ["one/two/one"],
    says: "would be walked without end",
    mends: async (folder) => Promise.all(["one", "two"].map((name) => remove(name)(folder))),
  },
  {
    what: "names that differ only by case",
    breaks: async (folder) => {
      await write("img/Logo.png", "one")(folder)
      await write("img/logo.png", "other")(folder)
    },
    code: "name-clash",
    names: ["img/Logo.png", "img/logo.png"],
    says: "differ only by case",
    mends: remove("img/Logo.png"),
  },
  {
    what: "a name that collect keeps for itself",
    breaks: write("staticfiles.json", "{}"),
    code: "invalid-name",
    names: ["staticfiles.json"],
    says: "kept for manifests",
    mends: remove("staticfiles.json"),
  },
  {
    what: "a reference to nothing",
    breaks: write("css/base.css", "a { b: url(gone.png) }"),
    code: "unresolved-references",
    names: ["css/base.css:1:12"],
    says: 'there is no "css/gone.png"',
    mends: write("css/base.css", "a {}"),
  },
]

const UNREADABLE: readonly BadSource[] = [
  {
    what: "a style sheet that may not be read",
    breaks: (folder) => chmod(join(folder, "css/base.css"), 0),
    code: "unreadable-file",
    names: ["css/base.css"],
    says: "permission denied",
    mends: (folder) => chmod(join(folder, "css/base.css"), 0o644),
  },
  {
    what: "a picture that may not be read",
    breaks: (folder) => chmod(join(folder, "img/a b.png"), 0),
    code: "unreadable-file",
    names: ["img/a b.png"],
    says: "permission denied",
    mends: (folder) => chmod(join(folder, "img/a b.png"), 0o644),
    late: true,
  },
  {
    what: "a folder that may not be read",
    breaks: (folder) => chmod(join(folder, "fonts"), 0),
    code: "unreadable-source",
    names: ["fonts"],
    says: "permission denied",
    mends: (folder) => chmod(join(folder, "fonts"), 0o755),
  },
]

async function expectRefused(bad: BadSource, through: readonly string[]): Promise<void> {
  const { source, target, before } = await liveSite()
  await bad.breaks(source)
  const places = bad.names.map((name) => (bad.code === "unresolved-references" ? name : join(source, name)))
  await deployInVain({ source, target }, bad.code, [...places, bad.says], { through })
  const after = await stateOf(target)
  if (bad.late) expectAsItWas(before, after)
  else expect(after).toEqual(before)
  await bad.mends(source)
  await deploy({ source, target }, { through })
  expect((await expectWholeWithPlain(target)).files).toHaveProperty(["css/app.css"])
}

describe("a collect of", () => {
  it.each(BAD)("$what fails, tells where it is, and leaves the site as it was", (bad) => expectRefused(bad, []))

  const through = withoutPrivileges()
  if (through === undefined) console.log("Unreadable files were not tried: root reads them, and there is no setpriv.")
  it.skipIf(through === undefined).each(UNREADABLE)(
    "$what fails, tells where it is, and leaves the site as it was",
    (bad) => expectRefused(bad, through!),
  )

  it("two sources in which a name differs only by case fails, and names both files", async () => {
    const { source, target, before } = await liveSite()
    const other = await writeFiles({ "IMG/A b.png": "another" })
    const paths = [join(source, "img/a b.png"), join(other, "IMG/A b.png")]
    await deployInVain({ source: [source, other], target }, "name-clash", [...paths, "differ only by case"])
    expect(await stateOf(target)).toEqual(before)
  })

  it("a folder that is missing, or is a file, fails and names it", async () => {
    const { source, target, before } = await liveSite()
    const missing = join(source, "gone")
    await deployInVain({ source: missing, target }, "unreadable-source", [missing, "does not exist"])
    const file = join(source, "favicon.ico")
    await writeFile(file, "icon")
    await deployInVain({ source: file, target }, "unreadable-source", [file, "is no folder"])
    expect(await stateOf(target)).toEqual(before)
  })
})
