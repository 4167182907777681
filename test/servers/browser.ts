import { type Browser, chromium } from "playwright-core"
import { provideChromium } from "./chromium.ts"

/** @throws Error in whose first line is why there is no Chromium */
export async function startBrowser(): Promise<Browser> {
  const { executablePath, args } = await provideChromium()
  return chromium.launch({ executablePath, args: [...args] })
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
