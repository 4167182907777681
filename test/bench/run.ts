// npm run bench                          every row
// npm run bench -- s3-sign s3-put        the rows named
// npm run bench -- --json FILE           keeps the figures as JSON, in place of those of the same rows
// npm run bench -- s3-sign --only SDK    some subjects (may be repeated)
// npm run bench -- --rounds 3            at most so many rounds of each, for a quick look
//
// Every subject has a process of its own; rounds take turns; medians are printed. What counts are the ratios.
import { parseArgs } from "node:util"
import { measureRow } from "./harness/measure.ts"
import { describeMachine, keepResult, thisMachine } from "./harness/results.ts"
import { markdownOf } from "./harness/tables.ts"
import { OTHERS, ROWS } from "./rows.ts"
import { printTable } from "./table.ts"

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: "string" }, only: { type: "string", multiple: true }, rounds: { type: "string" } },
})
const known = [...Object.keys(ROWS), ...Object.keys(OTHERS)]
const unknown = positionals.filter((name) => !known.includes(name))
if (unknown.length > 0) {
  console.error(`There is no row ${unknown.join(", ")}. The rows are: ${known.join(", ")}.`)
  process.exit(2)
}

const choice = { only: values.only, rounds: values.rounds === undefined ? undefined : Number(values.rounds) }
console.log(`${describeMachine(thisMachine())}\n`)
for (const name of positionals.length > 0 ? positionals : Object.keys(ROWS)) {
  if (name in OTHERS) {
    console.log(`## ${name}\n`)
    printTable(await OTHERS[name]!())
    continue
  }
  const result = await measureRow(name, await ROWS[name]!(), choice)
  console.log(`## ${name}: ${result.title}\n\n${markdownOf(result)}\n`)
  if (values.json !== undefined) keepResult(values.json, result, Object.keys(ROWS))
}
