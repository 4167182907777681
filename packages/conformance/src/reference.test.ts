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
  // What differs is which URLs it gives. The driver below is the same, and has passed the others above.
  suites: ["urls", "signedUpload", "URLs of parts", "multipart", "layers", "names", "options", "errors"],
  create: () => options.createWith!({ signedUrls: false }),
})
// All of it: what the driver can't do is done another way, or refused, by every operation.
describeStorage("the reference driver without capabilities", {
  ...referenceOptions(() => server, withoutCapabilities),
  runner,
})
