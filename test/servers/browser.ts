import { type Browser, chromium } from "playwright-core"
import { PATIENCE } from "../patience.ts"
import { provideChromium } from "./chromium.ts"

/**
 * Chromium, whose pages wait for what a test waits for as long as that may take.
 * @throws Error in whose first line is why there is no Chromium
 */
export async function startBrowser(): Promise<Browser> {
  const { executablePath, args } = await provideChromium()
  const browser = await chromium.launch({ executablePath, args: [...args], timeout: PATIENCE })
  const newContext = browser.newContext.bind(browser)
  // Pages without a context of their own are opened by this too.
  browser.newContext = async (options) => {
    const context = await newContext(options)
    context.setDefaultTimeout(PATIENCE)
    return context
  }
  return browser
}

/** Chromium, or nothing where it can't be had: a browser that does not start is a failure. */
export async function browserOrTell(): Promise<Browser | undefined> {
  try {
    return await startBrowser()
  } catch (error) {
    const reason = (error as Error).message.split("\n")[0]!
    if (!reason.startsWith("Chromium can't be installed")) throw error
    console.log(`Tests in a browser were not run: ${reason}`)
    return undefined
  }
}
