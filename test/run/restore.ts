/**
 * Set-up of the project `packages`, whose files share a process: what a test replaced is put back after it, so that no
 * file meets the timers, spies or environment of another.
 */
import { afterEach, vi } from "vitest"

afterEach(() => {
  // A spy on a timer that is replaced would put the replacement back: spies go first.
  vi.restoreAllMocks()
  vi.useRealTimers()
  vi.unstubAllEnvs()
  vi.unstubAllGlobals()
})
