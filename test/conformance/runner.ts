import type { TestRunner } from "@node-storages/conformance"
import { describe, it } from "vitest"

/** In milliseconds, for each test. No assertion: what hangs ends, and what a busy machine does slowly does not. */
export const TIME_LIMIT = 600_000

/** Each test has a place of its own: on a server, where most of the time is waiting, some run at once. */
export const concurrently: TestRunner = {
  describe,
  it: Object.assign((...test: Parameters<TestRunner["it"]>) => it.concurrent(...test), {
    skip: (title: string, body: () => Promise<void>) => it.skip(title, body),
  }),
}
