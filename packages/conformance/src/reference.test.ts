import { afterAll, beforeAll } from "vitest"
import * as runner from "vitest"
import { describeStorage } from "./describe-storage.ts"
import { ObjectServer } from "./testing/object-server.ts"
import { referenceOptions, withoutCapabilities } from "./testing/reference-storage.ts"

const server = new ObjectServer()
beforeAll(() => server.start())
afterAll(() => server.stop())

const options = { ...referenceOptions(() => server), runner }

describeStorage("the reference driver", options)
describeStorage("the reference driver, public", {
  ...options,
  create: () => options.createWith!({ signedUrls: false }),
})
describeStorage("the reference driver without capabilities", {
  ...referenceOptions(() => server, withoutCapabilities),
  runner,
})
