// Types, format, lint, dead code. `node scripts/lint.mjs --fix` mends what can be mended.
import { steps } from "./steps.mjs"

const fix = process.argv.includes("--fix")
steps([
  // The type-aware rules read the declarations of the packages that a file imports.
  ["tsc", ["-b"]],
  ["oxfmt", fix ? [] : ["--check"]],
  ["oxlint", ["--type-aware", "--deny-warnings", ...(fix ? ["--fix"] : [])]],
  ["knip", []],
])
