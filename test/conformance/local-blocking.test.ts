import { describeStorage } from "@node-storages/conformance"
import { allowBlocking } from "@node-storages/core/adapter"
import { localOptions } from "../../packages/local/test/conformance-options.ts"
import { SMALL, VARIANTS } from "./variants.ts"

const TITLE = "LocalStorage where calls block, as for a command"

// In this process, which nothing else is tested in.
allowBlocking()
describeStorage(TITLE, { ...localOptions(), scale: SMALL, suites: VARIANTS[TITLE].suites })
