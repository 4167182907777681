import { describeStorage } from "@node-storages/conformance"
import { allowBlocking } from "@node-storages/core/adapter"
import { localOptions } from "./local-options.ts"
import { VARIANTS } from "./variants.ts"

const TITLE = "LocalStorage where calls block, as for a command"

// In this process, which nothing else is tested in.
allowBlocking()
describeStorage(TITLE, { ...localOptions(), suites: VARIANTS[TITLE].suites })
