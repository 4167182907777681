// npm run bench                          every row
// npm run bench -- s3-sign s3-put        the rows named
// npm run bench -- --json FILE           the figures as JSON, too
// npm run bench -- s3-sign --only SDK    some subjects (may be repeated)
//
// Every subject has a process of its own; rounds take turns; medians are printed. What counts are the ratios.
import { writeFileSync } from "node:fs"
import { cpus, totalmem } from "node:os"
import { parseArgs } from "node:util"
import { measureRow, type RowResult } from "./harness/measure.ts"
import { installPeers } from "./harness/peers.ts"
import { markdownOf } from "./harness/tables.ts"
import { OTHERS, ROWS } from "./rows.ts"
import { printTable } from "./table.ts"

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: "string" }, only: { type: "string", multiple: true } },
})
const known = [...Object.keys(ROWS), ...Object.keys(OTHERS)]
const unknown = positionals.filter((name) => !known.includes(name))
if (unknown.length > 0) {
  console.error(`There is no row ${unknown.join(", ")}. The rows are: ${known.join(", ")}.`)
  process.exit(2)
}
const reason = installPeers()
if (reason !== undefined) console.error(`Without the peers: ${reason}`)

const machine = {
  date: new Date().toISOString().slice(0, 10),
  node: process.version,
  cores: cpus().length,
  processor: cpus()[0]?.model ?? "unknown",
  memoryGiB: Math.round(totalmem() / 1024 ** 3),
}
console.log(`Node ${machine.node}, ${machine.cores} cores (${machine.processor}), ${machine.memoryGiB} GiB\n`)
const rows: RowResult[] = []
for (const name of positionals.length > 0 ? positionals : Object.keys(ROWS)) {
  if (name in OTHERS) {
    console.log(`## ${name}\n`)
    printTable(await OTHERS[name]!())
    continue
  }
  const result = await measureRow(name, await ROWS[name]!(), values.only)
  rows.push(result)
  console.log(`## ${name}: ${result.title}\n\n${markdownOf(result)}\n`)
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify({ machine, rows }, undefined, 2)}\n`)
}
