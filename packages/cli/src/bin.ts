#!/usr/bin/env node
import { run } from "./program.ts"

// The reader of a pipe has seen enough (`storages ls | head`): that is no error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0)
  throw error
})

const exitCode = await run(process.argv.slice(2))
// Connections that a service keeps open do not keep the command waiting; what was written goes out first.
await Promise.all([process.stdout, process.stderr].map((stream) => new Promise((done) => stream.write("", done))))
process.exit(exitCode)
