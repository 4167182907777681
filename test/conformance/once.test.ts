import { globSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { expect, it } from "vitest"
import { ROOT } from "../docs/markdown.ts"

const FILES = ["packages/*/src/conformance.test.ts", "test/conformance/*.test.ts", "docs/examples/*/**/*.test.ts"]

/** What runs the whole suite, by the class that is made. */
const WHOLE = [
  "AzureStorage: test/conformance/azure.test.ts",
  "GCSStorage: test/conformance/gcs.test.ts",
  "LocalStorage: packages/local/src/conformance.test.ts",
  "MapStorage: docs/examples/map-adapter/map-storage.test.ts",
  "MemoryStorage: packages/memory/src/conformance.test.ts",
  "S3Storage: test/conformance/r2.test.ts",
  "S3Storage: test/conformance/s3.test.ts",
  "SftpStorage: docs/examples/adapter-plugin/test/conformance.test.ts",
]

it("every adapter runs the whole conformance suite once, for each server that it is tried on", () => {
  const found = globSync(FILES, { cwd: ROOT, exclude: ["**/node_modules/**"] }).flatMap((path) => {
    const text = readFileSync(join(ROOT, path), "utf8")
    const whole = [...text.matchAll(/describeStorage\("(\w+)",/g)]
    return text.includes("suites:") ? [] : whole.map((match) => `${match[1]}: ${path}`)
  })
  expect(found.toSorted()).toEqual(WHOLE)
})
