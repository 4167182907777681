import { globSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { expect, it } from "vitest"
import { ROOT } from "../docs/markdown.ts"
import { SERVED, VARIANTS } from "./variants.ts"

/** What runs the whole suite, by the title of the run. */
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

const FILES = ["packages/*/src/**/*.test.ts", "test/**/*.test.ts", "docs/**/*.test.ts"]
/** Its runs test the suite itself. */
const SUITE_ITSELF = "packages/conformance/"
const THIS = "test/conformance/once.test.ts"

const runs = globSync(FILES, { cwd: ROOT, exclude: ["**/node_modules/**"] })
  .filter((path) => !path.startsWith(SUITE_ITSELF) && path !== THIS)
  .map((path) => ({ path, text: readFileSync(join(ROOT, path), "utf8") }))
  .filter(({ text }) => /\bdescribeStorage\(/.test(text))

/** Variants take their suites from the table. */
const isVariant = ({ text }: { text: string }) => /\bsuites:/.test(text)

it("every adapter runs the whole conformance suite once, for each server that it is tried on", () => {
  const found = runs
    .filter((run) => !isVariant(run))
    .flatMap(({ path, text }) =>
      [...text.matchAll(/\bdescribeStorage\(\s*([^,]+),/g)].map(
        ([, title]) => `${title!.replaceAll('"', "")}: ${path}`,
      ),
    )
  expect(found.toSorted()).toEqual(WHOLE)
})

it("every other run is a variant of the table, and every variant of the table is run", () => {
  const variants = runs.filter(isVariant)
  for (const { path, text } of variants) {
    const calls = [...text.matchAll(/\bdescribeStorage\(/g)]
    const suites = [...text.matchAll(/\bsuites: (VARIANTS|SERVED)\[/g)]
    expect([path, suites.length]).toEqual([path, calls.length])
  }
  for (const title of [...Object.keys(VARIANTS), ...Object.keys(SERVED)]) {
    const running = variants.filter(({ text }) => text.includes(`"${title}"`))
    expect([title, running.length]).toEqual([title, 1])
  }
})
