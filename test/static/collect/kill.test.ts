import { spawn } from "node:child_process"
import { once } from "node:events"
import { setTimeout as delay } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { LocalStorage } from "@node-storages/local"
import { describe, expect, it } from "vitest"
import { expectWhole } from "../bad-input/site-state.ts"
import { temporaryFolder, writeFiles } from "./site.ts"
import { soak } from "../../run/soak.ts"

const KILLS = soak(50, 10)
const FILES = 150

/** A release of many files: pictures, and styles that refer to them and to each other. */
function release(version: number): Record<string, string> {
  const files: Record<string, string> = {}
  for (let index = 0; index < FILES; index++) {
    files[`img/${index}.svg`] = `<svg><!-- ${version} ${index} ${"x".repeat(2000)} --></svg>`
    files[`css/${index}.css`] = `@import "${(index + 1) % FILES}.css"; a { b: url(../img/${index}.svg) }`
  }
  return files
}

function startCollect(source: string, target: string) {
  const script = fileURLToPath(new URL("collect-once.ts", import.meta.url))
  const child = spawn(
    process.execPath,
    ["--conditions=node-storages-source", script, JSON.stringify({ source, target })],
    { stdio: ["ignore", "ignore", "inherit"] },
  )
  return { child, exited: once(child, "exit") as Promise<[code: number | null, signal: string | null]> }
}

describe("a collect that is killed", () => {
  it(`leaves a whole release each of ${KILLS} times, and the next one completes`, async () => {
    const [source, target] = [await writeFiles(release(0)), await temporaryFolder()]
    const storage = new LocalStorage(target)
    const begun = performance.now()
    expect(await startCollect(source, target).exited).toEqual([0, null])
    let duration = performance.now() - begun
    let old = await expectWhole(target)
    let killed = 0
    for (let round = 1; round <= KILLS; round++) {
      await writeFiles(release(round), source)
      const start = performance.now()
      const { child, exited } = startCollect(source, target)
      // Where the machine has less to do than before it ends sooner, and the next ones are killed sooner.
      child.once("exit", (code) => code === 0 && (duration = performance.now() - start))
      await delay(duration * (0.3 + 0.7 * Math.random()))
      child.kill("SIGKILL")
      const [, signal] = await exited
      if (signal === "SIGKILL") killed++
      const found = await expectWhole(target)
      // Either release, and nothing between.
      if (signal === "SIGKILL" && found.files["img/0.svg"]!.name === old.files["img/0.svg"]!.name) {
        expect(found).toEqual(old)
      }
      old = found
    }
    expect(killed).toBeGreaterThan(KILLS / 3)
    expect(await startCollect(source, target).exited).toEqual([0, null])
    const last = await expectWhole(target)
    expect(Object.keys(last.files)).toHaveLength(2 * FILES)
    for (const name of [last.files["img/0.svg"]!.name, "img/0.svg"]) {
      expect(await storage.open(name).text()).toContain(`${KILLS} 0 `)
    }
  })
})
