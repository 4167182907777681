import { chmod, mkdir, symlink, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { temporaryFolder, writeFiles } from "../collect/site.ts"
import { deploy, deployInVain, startDeploy } from "./deploy.ts"
import { liveSite } from "./live-site.ts"
import { expectWholeWithPlain, stateOf } from "./site-state.ts"
import { withoutPrivileges } from "./without-privileges.ts"

describe("a collect whose source and target lie one in the other fails, names both, and leaves the site as it was", () => {
  it("where the source is in the target", async () => {
    const { target, before } = await liveSite()
    const source = join(target, "css")
    await deployInVain({ source, target }, "source-in-target", [source, target, "the source is in the target"])
    expect(await stateOf(target)).toEqual(before)
  })

  it("where the target is in the source, also as one of several and before it exists", async () => {
    const { source, target, before } = await liveSite()
    const others = await writeFiles({ "a.css": "a {}" })
    const inside = join(others, "public/static")
    await deployInVain({ source: [source, others], target: inside }, "source-in-target", [
      others,
      inside,
      "the target is in the source",
    ])
    expect(Object.keys(await stateOf(others))).toEqual(["a.css"])
    expect(await stateOf(target)).toEqual(before)
  })

  it("where they are the same, and where only a link shows it", async () => {
    const { target, before } = await liveSite()
    await deployInVain({ source: target, target }, "source-in-target", [target, "are the same folder"])
    const link = join(await temporaryFolder(), "assets")
    await symlink(join(target, "css"), link)
    await deployInVain({ source: link, target }, "source-in-target", [link, target])
    expect(await stateOf(target)).toEqual(before)
  })
})

describe("a collect into", () => {
  it("a place where a file is fails and names it", async () => {
    const { source } = await liveSite()
    const target = join(await temporaryFolder(), "static")
    await writeFile(target, "a file")
    const { code, errors } = await startDeploy({ source, target }).ended
    expect(code).toBe(1)
    expect(errors).toMatch(/^(?:StaticError|StorageError): /m)
    expect(errors).toContain(target)
  })

  const through = withoutPrivileges()
  it.skipIf(through === undefined)(
    "a folder that may not be written fails, names it, leaves the site as it was, and completes when it may",
    async () => {
      const { source, target, before } = await liveSite()
      const closed = ["", "css", "js", "img", ".node-storages", ".node-storages/tmp"].map((name) => join(target, name))
      await mkdir(join(target, ".node-storages/tmp"), { recursive: true })
      for (const folder of closed) await chmod(folder, 0o555)
      await deployInVain({ source, target }, "publish-failed", [target, "permission denied"], { through: through! })
      expect(await stateOf(target)).toEqual(before)
      for (const folder of closed) await chmod(folder, 0o755)
      await deploy({ source, target }, { through: through! })
      await expectWholeWithPlain(target)
    },
  )
})
