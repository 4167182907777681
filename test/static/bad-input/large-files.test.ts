import { open, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { temporaryFolder, writeFiles } from "../collect/site.ts"
import { deploy, deployInVain, failureOf, startDeploy, summaryOf } from "./deploy.ts"
import { expectAsItWas, expectWholeWithPlain, stateOf } from "./site-state.ts"
import { soak } from "../../run/soak.ts"

const MIB = 1024 * 1024
const LARGE = 200 * MIB
const FILMS = soak(8, 6)
/** JavaScript's strings end at 512 MiB. */
const LONGER_THAN_A_STRING = 600 * MIB
/** Node reads no file above 2 GiB at once. */
const TOO_LARGE_TO_READ = 3 * 1024 * MIB

const LIMITED = { env: { NODE_OPTIONS: "--max-old-space-size=1024" } }

/** One of zeros, which takes no place on disk. */
async function sparseFile(path: string, size: number): Promise<void> {
  const file = await open(path, "w")
  await file.truncate(size)
  await file.close()
}

/** What makes a reader look at each line: without a reference none would. */
const LINES: Readonly<Record<string, (index: number) => string>> = {
  "large.js": (index) => `export const name${index} = (value) => value * ${index} // comment\n`,
  "large.css": (index) => `.class-${index} > a:hover { margin: ${index % 100}px; mask: url(#mask) }\n`,
  "large.html": (index) => `<p class="c${index}">Text &amp; more</p>\n`,
}

async function writeLines(path: string, line: (index: number) => string): Promise<void> {
  const file = await open(path, "w")
  for (let size = 0, index = 0; size < LARGE;) {
    const lines: string[] = []
    for (const end = index + 10_000; index < end; index++) lines.push(line(index))
    size += (await file.write(lines.join(""))).bytesWritten
  }
  await file.close()
}

async function liveTarget(): Promise<string> {
  const target = await temporaryFolder()
  await deploy({ source: await writeFiles({ "a.css": "a {}" }), target })
  return target
}

const options = { compress: false } as const

describe("a large file", () => {
  it("that refers to nothing is collected, in memory for it before and after all others", async () => {
    const [source, target] = [await temporaryFolder(), await liveTarget()]
    await sparseFile(join(source, "film.mp4"), LARGE)
    const { memory } = await deploy({ source, target, options })
    expect(memory).toBeLessThan(3 * LARGE)
    expect((await expectWholeWithPlain(target)).files["film.mp4"]!.size).toBe(LARGE)
  })

  it.each(Object.entries(LINES))(
    "named %s is collected in bounded memory, or refused with its path",
    async (name, line) => {
      const [source, target] = [await temporaryFolder(), await liveTarget()]
      const before = await stateOf(target)
      await writeLines(join(source, name), line)
      const ended = await startDeploy({ source, target, options }, LIMITED).ended
      if (ended.code === 0) {
        expect(summaryOf(ended).memory).toBeLessThan(10 * LARGE)
        expect((await expectWholeWithPlain(target)).files[name]!.size).toBeGreaterThan(LARGE)
      } else {
        failureOf(ended, "unreadable-file", [join(source, name)])
        expect(await stateOf(target)).toEqual(before)
      }
    },
  )
})

it(`${FILMS} films of 200 MiB are collected in memory for a few of them`, async () => {
  const [source, target] = [await temporaryFolder(), await liveTarget()]
  for (let index = 0; index < FILMS; index++) await sparseFile(join(source, `film-${index}.mp4`), LARGE)
  const { memory } = await deploy({ source, target, options })
  expect(memory).toBeLessThan(5 * LARGE)
})

describe("a file that is too large", () => {
  it("to be read is refused with its path", async () => {
    const [source, target] = [await temporaryFolder(), await liveTarget()]
    const before = await stateOf(target)
    await sparseFile(join(source, "film.mp4"), TOO_LARGE_TO_READ)
    await deployInVain({ source, target, options }, "unreadable-file", [join(source, "film.mp4"), "2 GiB"])
    expectAsItWas(before, await stateOf(target))
  })

  it.each(["large.js", "large.css", "large.html", "large.svg"])(
    "to be a text, %s, is refused with its path and this reason",
    async (name) => {
      const [source, target] = [await temporaryFolder(), await liveTarget()]
      const before = await stateOf(target)
      await sparseFile(join(source, name), LONGER_THAN_A_STRING)
      const message = await deployInVain({ source, target, options }, "unreadable-file", [join(source, name)])
      expect(message).not.toContain("UTF-8")
      expect(await stateOf(target)).toEqual(before)
    },
  )
})

it("a page of 200,000 paragraphs is collected", async () => {
  const [source, target] = [await temporaryFolder(), await liveTarget()]
  await writeFile(join(source, "page.html"), "<p>Text</p>\n".repeat(200_000))
  await deploy({ source, target, options })
  await expectWholeWithPlain(target)
})
