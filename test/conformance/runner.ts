import type { TestRunner } from "@node-storages/conformance"
import { describe, it } from "vitest"

/** Each test has a place of its own: on a server, where most of the time is waiting, some run at once. */
export const concurrently: TestRunner = {
  describe,
  it: Object.assign((...test: Parameters<TestRunner["it"]>) => it.concurrent(...test), {
    skip: (title: string, body: () => Promise<void>) => it.skip(title, body),
  }),
}
