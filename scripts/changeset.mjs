import { PNPM } from "./pnpm.mjs"

/** A command of Changesets, for `steps`. It calls the package manager of the lockfile, and looks for it on PATH. */
export const changeset = (...args) => ["npx", ["-y", "--package", PNPM, "--", "changeset", ...args]]
