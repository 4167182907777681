import { execFile } from "node:child_process"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "vitest"

const FILE = fileURLToPath(new URL("testing/node-test-run.ts", import.meta.url))
const ARGUMENTS = ["--conditions=node-storages-source", "--test", "--test-reporter=tap", FILE]

function run(
  environment: Record<string, string> = {},
  ...options: string[]
): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const env = { ...process.env, ...environment }
    execFile(process.execPath, [...options, ...ARGUMENTS], { env, maxBuffer: 1e8 }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === "number" ? error.code : 0, output: stdout + stderr })
    })
  })
}

// Node strips types by itself from 22.18 on.
describe.skipIf(!process.features.typescript)("the suite run by node:test", () => {
  it("passes on the reference driver, and tells what was not run", async () => {
    const { code, output } = await run()
    expect(code, output.slice(-3000)).toBe(0)
    expect(output).toMatch(/# pass [4-9]\d\d/)
    expect(output).toMatch(/# fail 0/)
    expect(output).toMatch(/SKIP the driver declares conditionalCreate/)
    expect(output).toMatch(/\[not run: the suite was given no createOnMissingBucket\]/)
  })

  it("fails where a gap is closed", async () => {
    const { code, output } = await run({ CLOSED_GAP: "yes" }, "--test-name-pattern=stores under the name")
    expect(code).not.toBe(0)
    expect(output).toMatch(/# fail 1\b/)
    expect(output).toMatch(/This gap is closed/)
  })
})
