import * as runner from "node:test"
import { describeStorage } from "../describe-storage.ts"
import { ObjectServer } from "./object-server.ts"
import { referenceOptions } from "./reference-storage.ts"

/* Run by node:test in a process of its own, to prove that the suite needs no other runner. */

const server = new ObjectServer()
runner.before(() => server.start())
runner.after(() => server.stop())

const gaps = process.env["CLOSED_GAP"]
  ? [{ test: "save > stores under the name, and answers with it", reason: "closed" }]
  : []

describeStorage("the reference driver", {
  ...referenceOptions(() => server),
  createOnMissingBucket: undefined,
  runner,
  gaps,
})
