import { afterAll, describe } from "vitest"
import { browserOrTell } from "./app.ts"
import { describeInBrowser } from "./browser-suite.ts"
import { bundleBrowserHalf } from "./page.ts"
import { AZURITE, CEPH, GCS } from "./services.ts"

const script = await bundleBrowserHalf()
const browser = await browserOrTell()

describe.skipIf(browser === undefined)("a browser", () => {
  afterAll(() => browser?.close())
  for (const kind of [CEPH, AZURITE, GCS]) {
    describe.skipIf(kind.missing)(kind.title, () => describeInBrowser(kind, browser!, script))
  }
})
