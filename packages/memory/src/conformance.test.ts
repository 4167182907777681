import { describeStorage } from "@node-storages/conformance"
import * as runner from "vitest"
import { MemoryStorage } from "./index.ts"

describeStorage("MemoryStorage", {
  runner,
  create: () => new MemoryStorage(),
  createWith: (options) => new MemoryStorage(options),
  // No assertion: a busy machine may take long.
  timeout: 600_000,
  urls: { notServed: "nothing serves the memory of a process" },
})
