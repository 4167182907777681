// Builds the packages and publishes those whose version the registry does not have, dependencies first, each with a tag.
import { changeset } from "./changeset.mjs"
import { steps } from "./steps.mjs"

steps([["node", ["scripts/build.mjs"]]])
steps([changeset("publish", ...process.argv.slice(2))])
