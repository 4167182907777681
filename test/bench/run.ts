// npm run bench             every row
// npm run bench -- sign     the rows named
//
// Figures are ratios against a floor or the official SDK in the same run: rounds are interleaved, medians are printed.
import { collecting } from "./collecting.ts"
import { fuzzHeaders } from "./fuzz-headers.ts"
import { importTimes } from "./import-times.ts"
import { localFiles } from "./local-files.ts"
import { serving } from "./serving.ts"
import { signing } from "./signing.ts"
import { largeStreams } from "./large-streams.ts"
import { printTable, type Row } from "./table.ts"
import { uploads } from "./uploads.ts"

const ROWS: Readonly<Record<string, () => Promise<readonly Row[]>>> = {
  sign: signing,
  import: importTimes,
  local: localFiles,
  stream: largeStreams,
  collect: collecting,
  serve: serving,
  fuzz: fuzzHeaders,
  uploads,
}

const asked = process.argv.slice(2)
const unknown = asked.filter((name) => !(name in ROWS))
if (unknown.length > 0) {
  console.error(`There is no row ${unknown.join(", ")}. The rows are: ${Object.keys(ROWS).join(", ")}.`)
  process.exit(2)
}
for (const name of asked.length > 0 ? asked : Object.keys(ROWS)) {
  console.log(`\n## ${name}\n`)
  printTable(await ROWS[name]!())
}
