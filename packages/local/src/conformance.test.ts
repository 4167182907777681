import { describeStorage } from "@node-storages/conformance"
import { localOptions } from "../test/conformance-options.ts"

describeStorage("LocalStorage", localOptions())
