import { readdir, rm, mkdtemp } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { once } from "node:events"
import { LocalStorage } from "@node-storages/local"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { startScript } from "../races/child.ts"
import { labelOf } from "./whole-body.ts"
import { soak } from "../run/soak.ts"

const KILLS = soak(100, 20)

describe("a process that is killed while it saves", () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "node-storages-crash-"))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  it(`leaves only whole files, ${KILLS} times, and temporary files that are swept`, async () => {
    const storage = new LocalStorage(folder)
    let checked = 0
    for (let kill = 0; kill < KILLS; kill++) {
      const script = startScript("../local/save-forever.ts", { folder, seed: kill })
      // Each second one has saved everything once, however slow the machine is.
      while (script.output().length <= kill % 2) await once(script.child.stdout, "data")
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 60))
      script.child.kill("SIGKILL")
      expect((await script.ended).signal).toBe("SIGKILL")

      for await (const { name } of storage.list()) {
        const file = storage.open(name)
        if (name === "small.txt") {
          const text = await file.text()
          expect(text).toBe(text.slice(0, text.indexOf(" ") + 1).repeat(100))
          continue
        }
        const label = labelOf(await file.bytes())
        expect(label, `${name} after kill ${kill}`).toBeDefined()
        // Content and metadata change together.
        if (name === "same.bin") expect((await file.stat()).metadata).toEqual({ round: label })
        checked++
      }
      await storage.deleteMany((await storage.listdir("many")).files.map(({ name }) => name))
    }
    expect(checked).toBeGreaterThan(KILLS)

    const temporary = join(folder, ".node-storages", "tmp")
    expect((await readdir(temporary)).length).toBeGreaterThan(0)
    await storage.sweep({ olderThan: 0 })
    expect(await readdir(temporary)).toEqual([])
  })
})
