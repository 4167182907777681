import { describeStorage } from "@node-storages/conformance"
import { localOptions } from "../../packages/local/test/conformance-options.ts"
import { SMALL, VARIANTS } from "./variants.ts"

const TITLE = "LocalStorage with a location, fsync, pruning and signing keys"

const careful = { location: "some/where", fsync: true, pruneEmptyDirectories: true }
// What its signed URLs allow is held where something serves them.
const signed = { signingKeys: ["a key of at least thirty-two characters"], baseUrl: "/files/" }
describeStorage(TITLE, { ...localOptions(careful, signed), scale: SMALL, suites: VARIANTS[TITLE].suites })
