// npm run bench:report: writes docs/performance.md's table, docs/measurements.md and its plots from two runs,
// docs/measurements/first.json and second.json, which `npm run bench -- --json FILE` has written.
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { measurementsPage, performancePage, plots } from "./harness/pages.ts"
import { readResults } from "./harness/results.ts"

const docs = fileURLToPath(new URL("../../docs", import.meta.url))
const first = readResults(join(docs, "measurements/first.json"))
const second = readResults(join(docs, "measurements/second.json"))
const performance = join(docs, "performance.md")
writeFileSync(performance, performancePage(readFileSync(performance, "utf8"), first, second))
writeFileSync(join(docs, "measurements.md"), measurementsPage(first, second))
for (const [file, svg] of plots(first)) writeFileSync(join(docs, "measurements", file), svg)
