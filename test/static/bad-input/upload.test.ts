import { describe, expect, it } from "vitest"
import { temporaryFolder, writeFiles } from "../collect/site.ts"
import { deploy, deployInVain } from "./deploy.ts"
import { expectAsItWas, expectWholeWithPlain, type SiteState, stateOf } from "./site-state.ts"
import { soak } from "../../run/soak.ts"

const FILES = soak(10_000, 1_000)
const FAILING = 0.7 * FILES
const CONCURRENCY = 16

function release(version: number, count: number): Record<string, string> {
  const files: Record<string, string> = {}
  for (let index = 0; index < count; index++) files[`${index % 100}/${index}.txt`] = `${version} ${index}`
  return files
}

/** How many files are published under a name with a hash. */
const published = (state: SiteState) =>
  Object.keys(state).filter((path) => /^\d+\/\d+\.[0-9a-f]{12}\.txt$/.test(path)).length

describe("an upload that fails", () => {
  it(`at file ${FAILING} of ${FILES} leaves the site as it was, and the next collect writes only what is missing`, async () => {
    const [source, target] = [await writeFiles(release(1, 100)), await temporaryFolder()]
    const options = { compress: false, plain: ["0/*"], concurrency: CONCURRENCY } as const
    await deploy({ source, target, options })
    const old = await expectWholeWithPlain(target)
    const before = await stateOf(target)

    await writeFiles(release(2, FILES), source)
    const says = ['.txt" could not be published', target, "The service is gone."]
    await deployInVain({ source, target, options, failingPut: FAILING }, "publish-failed", says)
    const between = await stateOf(target)
    expectAsItWas(before, between)
    expect(await expectWholeWithPlain(target)).toEqual(old)

    // What was under way when it failed has been stored too.
    const stored = published(between) - published(before)
    expect(stored).toBeGreaterThan(FAILING / 2)
    expect(stored).toBeLessThan(FAILING + CONCURRENCY)
    const { files, written } = await deploy({ source, target, options })
    expect(files).toBe(FILES)
    const after = await stateOf(target)
    expect(published(after) - published(before)).toBe(FILES)
    const plain = Object.keys(release(2, FILES)).filter((name) => name.startsWith("0/"))
    const storedPlain = plain.filter((name) => between[name] !== undefined && between[name] === after[name])
    expect(written).toBe(FILES - stored + plain.length - storedPlain.length)
    expect(Object.keys((await expectWholeWithPlain(target)).files)).toHaveLength(FILES)
    // Nothing that the failed collect had stored was stored again.
    expect(after).toMatchObject(
      Object.fromEntries(Object.entries(between).filter(([path]) => /\.[0-9a-f]{12}\./.test(path))),
    )
    expect((await deploy({ source, target, options })).written).toBe(0)
  })
})
