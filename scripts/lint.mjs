// Lint, format, dead code. `node scripts/lint.mjs --fix` mends what can be mended.
import { steps } from "./steps.mjs"

const fix = process.argv.includes("--fix")
steps([
  ["oxfmt", fix ? [] : ["--check"]],
  ["oxlint", ["--type-aware", "--deny-warnings", ...(fix ? ["--fix"] : [])]],
  ["knip", []],
])
