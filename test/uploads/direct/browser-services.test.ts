import { afterAll, describe } from "vitest"
import { browserOrTell } from "../../servers/browser.ts"
import { describeInBrowser } from "./browser-suite.ts"
import { bundleBrowserHalf } from "./page.ts"
import { AZURITE, GCS, S3 } from "./services.ts"

const script = await bundleBrowserHalf()
const browser = await browserOrTell()

describe.skipIf(browser === undefined)("a browser", () => {
  afterAll(() => browser?.close())
  for (const kind of [S3, AZURITE, GCS]) {
    describe.skipIf(kind.missing)(kind.title, () => describeInBrowser(kind, browser!, script))
  }
})
