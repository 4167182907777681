import { randomBytes } from "node:crypto"
import { rm, statfs, truncate, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { describe, expect, it, type TestContext } from "vitest"
import { temporaryFolder, writeFiles } from "../collect/site.ts"
import { deploy, deployInVain, failureOf, startDeploy } from "./deploy.ts"
import { expectAsItWas, expectWhole, expectWholeWithPlain, stateOf } from "./site-state.ts"
import { type SmallDisk, smallDisk } from "./small-disk.ts"

const MIB = 1024 * 1024
const FILES = 20
const FILE_SIZE = 50_000
/** Of a disk in memory, in bytes. */
const PAGE = 4096
const BALLAST = "ballast.bin"

/** Pictures, which nothing compresses, and a page. */
function release(): Record<string, string | Uint8Array> {
  const pictures = Array.from({ length: FILES }, (_, index) => [`img/${index}.png`, randomBytes(FILE_SIZE)] as const)
  return { ...Object.fromEntries(pictures), "index.html": `<img src="img/1.png"> ${randomBytes(8).toString("hex")}` }
}

async function diskOrSkip(context: TestContext, size: number): Promise<SmallDisk> {
  return (await smallDisk(size)) ?? context.skip("a small disk needs root and mount(8)")
}

/** Leaves only so many bytes of the disk. */
async function leave(folder: string, free: number): Promise<void> {
  const ballast = join(folder, BALLAST)
  await rm(ballast, { force: true })
  const { bavail, bsize } = await statfs(folder)
  await writeFile(ballast, Buffer.alloc(bavail * bsize - free))
}

describe("a disk that is full", () => {
  it("at any file, or at the manifest, leaves the site as it was; with more room the next collect completes", async (context) => {
    using disk = await diskOrSkip(context, 8 * MIB)
    const target = disk.folder
    const source = await writeFiles(release())
    const options = { plain: false, concurrency: 1 } as const
    await deploy({ source, target, options })
    const manifest = await expectWholeWithPlain(target)
    await writeFiles(release(), source)
    const messages: string[] = []
    // Room for some pictures at a time, and then for less than the manifest.
    for (const pages of [0, 1, 70, 70, 70, 70, 2, 2, 1, 2]) {
      await leave(target, pages * PAGE)
      const { [BALLAST]: _, ...before } = await stateOf(target)
      const ended = await startDeploy({ source, target, options }).ended
      if (ended.code === 0) break
      messages.push(failureOf(ended, "publish-failed", [target, "no space left"]))
      await rm(join(target, BALLAST))
      expectAsItWas(before, await stateOf(target))
      expect(await expectWhole(target)).toEqual(manifest)
    }
    for (const name of ["img/", "index.", "staticfiles.json"]) expect(messages.join("\n")).toContain(`"${name}`)
    await rm(join(target, BALLAST), { force: true })
    await deploy({ source, target, options })
    expect(await expectWhole(target)).not.toEqual(manifest)
  })

  it("at a file leaves those under plain names as they were", async (context) => {
    using disk = await diskOrSkip(context, 8 * MIB)
    const target = disk.folder
    const source = await writeFiles(release())
    await deploy({ source, target })
    await writeFiles(release(), source)
    await leave(target, 70 * PAGE)
    const before = await stateOf(target)
    await deployInVain({ source, target }, "publish-failed", [target, "no space left"])
    expectAsItWas(before, await stateOf(target))
    await rm(join(target, BALLAST))
    await deploy({ source, target })
    await expectWholeWithPlain(target)
  })

  it("is told with the file, the target, and that it is the disk", async (context) => {
    using disk = await diskOrSkip(context, MIB)
    const source = await writeFiles({ "img/large.png": randomBytes(2 * MIB) })
    const says = ["img/large.", disk.folder, "no space left"]
    await deployInVain({ source, target: disk.folder }, "publish-failed", says)
    expect(await stateOf(disk.folder)).toEqual({})
    // Elsewhere there is room.
    const target = await temporaryFolder()
    await deploy({ source, target })
    await expectWholeWithPlain(target)
  })

  it("where temporary files are kept is told with their folder", async (context) => {
    using disk = await diskOrSkip(context, MIB)
    const [source, target] = [await temporaryFolder(), await temporaryFolder()]
    const film = join(source, "film.mp4")
    // More than is held in memory until plain names are replaced.
    await writeFile(film, "")
    await truncate(film, 70 * MIB)
    await deploy({ source, target })
    const before = await stateOf(target)
    await writeFile(film, "changed", { flag: "a" })
    const { code, errors } = await startDeploy({ source, target }, { env: { TMPDIR: disk.folder } }).ended
    expect(code).toBe(1)
    expect(errors).toMatch(/^(?:StaticError|StorageError): /m)
    expect(errors).toContain(disk.folder)
    expectAsItWas(before, await stateOf(target))
    await deploy({ source, target })
    await expectWholeWithPlain(target)
  })
})
