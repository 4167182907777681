// What the changesets say becomes versions and changelogs, formatted as everything here is.
import { changeset } from "./changeset.mjs"
import { packages } from "./packages.mjs"
import { steps } from "./steps.mjs"

steps([changeset("version")])
steps([["oxfmt", packages.flatMap(({ folder }) => [`${folder}/package.json`, `${folder}/CHANGELOG.md`])]])
