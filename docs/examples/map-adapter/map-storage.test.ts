import { describeStorage } from "@node-storages/conformance"
import * as runner from "vitest"
import { MapStorage } from "./map-storage.ts"

describeStorage("MapStorage", {
  runner,
  create: () => new MapStorage({ location: "files" }),
  createWith: (options) => new MapStorage(options),
  urls: { notServed: "nothing serves a Map" },
})
