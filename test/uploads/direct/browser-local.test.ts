import { gzipSync } from "node:zlib"
import { afterAll, describe, expect, test } from "vitest"
import { browserOrTell } from "../../servers/browser.ts"
import { LOCAL } from "./backend.ts"
import { describeInBrowser } from "./browser-suite.ts"
import { bundleBrowserHalf } from "./page.ts"

const MOST_BYTES = 3000

const script = await bundleBrowserHalf()

test(`the browser's half is under ${MOST_BYTES} bytes`, () => {
  expect(gzipSync(script).byteLength).toBeLessThan(MOST_BYTES)
  expect(script).not.toMatch(/\bimport\b\s*[("{*]/)
})

const browser = await browserOrTell()
describe.skipIf(browser === undefined)("a browser", () => {
  afterAll(() => browser?.close())
  describeInBrowser(LOCAL, browser!, script)
})
