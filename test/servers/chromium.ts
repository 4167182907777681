/** Chromium as Debian packages it, without a window; needs no root once it is installed. */
import { installProgram } from "./debian-packages.ts"
import { CHROMIUM } from "./debian-programs.ts"
import { findProgram } from "./programs.ts"

/** How a driver starts it. */
export interface ChromiumCommand {
  readonly executablePath: string
  readonly args: readonly string[]
}

const ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  // WebGL in software.
  "--use-angle=swiftshader",
  "--enable-unsafe-swiftshader",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  // A page that asks for another machine gets an error, and nobody is asked.
  "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]

/**
 * Where it is, installed first where that is possible.
 * @throws Error in whose first line is why there is none
 */
export async function provideChromium(): Promise<ChromiumCommand> {
  await installProgram(CHROMIUM)
  return { executablePath: findProgram("chromium")!, args: ARGUMENTS }
}
