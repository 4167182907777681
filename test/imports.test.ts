import { spawnSync } from "node:child_process"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { expect, test } from "vitest"

const PACKAGES = fileURLToPath(new URL("../packages", import.meta.url))

/** Which of Node's modules are loaded by importing these, one after another, after what is loaded already. */
function loadedBy(specifiers: readonly string[], after: readonly string[] = []): string[] {
  const script = `const [after, specifiers] = JSON.parse(process.argv[1])
    for (const each of after) await import(each)
    const before = new Set(process.moduleLoadList)
    for (const each of specifiers) await import(each)
    console.log(JSON.stringify(process.moduleLoadList.filter((each) => !before.has(each))))`
  // A first source loads what Node needs to read TypeScript.
  const given = JSON.stringify([["../core/src/is-storage.ts", ...after], specifiers])
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ["--conditions=node-storages-source", "--no-warnings", "--input-type=module", "-e", script, given],
    { cwd: join(PACKAGES, "s3"), encoding: "utf8" },
  )
  expect(stderr).toBe("")
  return JSON.parse(stdout) as string[]
}

test("what a module of Node loads is seen", () => {
  expect(loadedBy(["node:fs"])).toContain("NativeModule internal/fs/promises")
})

test("core loads no module of Node", () => {
  expect(loadedBy(["@node-storages/core"])).toEqual([])
})

test("core with the local disk loads no module of Node: neither streams nor cryptography", () => {
  expect(loadedBy(["@node-storages/core", "../local/src/index.ts"])).toEqual([])
})

test("core with S3 loads no module of Node that the official client does not load", () => {
  expect(loadedBy(["@node-storages/core", "./src/index.ts"], ["@aws-sdk/client-s3"])).toEqual([])
})
