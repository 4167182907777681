import { once } from "node:events"
import { LocalStorage } from "@node-storages/local"
import { describe, expect, it } from "vitest"
import { temporaryFolder, writeFiles } from "../collect/site.ts"
import { deploy, failureOf, startDeploy } from "./deploy.ts"
import { expectWhole, expectWholeWithPlain } from "./site-state.ts"
import { soak } from "../../run/soak.ts"

const ROUNDS = soak(5, 2)
const FILES = 40

const picture = (index: number) => `img/${index}.svg`

function release(version: string): Record<string, string> {
  const files: Record<string, string> = { "same.txt": "the same in all" }
  for (let index = 0; index < FILES; index++) {
    files[picture(index)] = `<svg><!-- ${version} --></svg>`
    files[`css/${index}.css`] = `a { b: url(../${picture(index)}) }`
  }
  return files
}

/** The versions that the pictures are of, by the names under which they are published. */
async function versionsOf(target: string, publishedName: (name: string) => string): Promise<Set<string>> {
  const storage = new LocalStorage(target)
  const versions = new Set<string>()
  for (let index = 0; index < FILES; index++) {
    const text = await storage.open(publishedName(picture(index))).text()
    versions.add(/^<svg><!-- (\w+ \d+) --><\/svg>$/.exec(text)?.[1] ?? `torn: ${text}`)
  }
  return versions
}

/** Two collects that begin at the same moment. @returns the sources whose release has been published, as they tell */
async function atOnce(sources: readonly [string, string], target: string): Promise<readonly string[]> {
  const processes = sources.map((source) => startDeploy({ source, target, waits: true }))
  await Promise.all(processes.map(({ child }) => once(child.stdout, "data")))
  for (const { child } of processes) child.stdin.end()
  const results = await Promise.all(processes.map(({ ended }) => ended))
  for (const result of results) {
    if (result.code !== 0) failureOf(result, "collect-in-progress", [target, "Run this again"])
  }
  return sources.filter((_, index) => results[index]!.code === 0)
}

describe("two processes that collect at once into one target", () => {
  it("of the same files both succeed, or the later one tells of the other, and the release is whole", async () => {
    const [source, target] = [await temporaryFolder(), await temporaryFolder()]
    for (let round = 0; round < ROUNDS; round++) {
      await writeFiles(release(`round ${round}`), source)
      await atOnce([source, source], target)
      await expectWholeWithPlain(target)
      await deploy({ source, target })
      expect((await deploy({ source, target })).written).toBe(0)
    }
  })

  it("of different files leave one whole release; whoever comes again gets its own", async () => {
    const [one, other, target] = [await temporaryFolder(), await temporaryFolder(), await temporaryFolder()]
    for (let round = 0; round < ROUNDS; round++) {
      await writeFiles(release(`one ${round}`), one)
      await writeFiles(release(`other ${round}`), other)
      await atOnce([one, other], target)
      const { files } = await expectWhole(target)
      const [version, ...more] = await versionsOf(target, (name) => files[name]!.name)
      expect(more).toEqual([])
      // On a disk, which knows no conditions, also of one that is told to come again.
      expect([`one ${round}`, `other ${round}`]).toContain(version)

      await deploy({ source: other, target })
      const { files: last } = await expectWholeWithPlain(target)
      expect([...(await versionsOf(target, (name) => last[name]!.name))]).toEqual([`other ${round}`])
    }
  })

  it("of different files leave the same release under plain names as in the manifest, or one tells that it met the other", async () => {
    const [one, other, target] = [await temporaryFolder(), await temporaryFolder(), await temporaryFolder()]
    for (let round = 0; round < ROUNDS; round++) {
      await writeFiles(release(`one ${round}`), one)
      await writeFiles(release(`other ${round}`), other)
      const published = await atOnce([one, other], target)
      const { files } = await expectWhole(target)
      const versions = await versionsOf(target, (name) => files[name]!.name)
      // Whoever is told runs it again: both, where both have seen the other's files.
      if (published.length < 2) await deploy({ source: other, target })
      else expect(await versionsOf(target, (name) => name)).toEqual(versions)
      await expectWholeWithPlain(target)
    }
  })
})
