import { spawnSync } from "node:child_process"
import { root } from "./packages.mjs"

/** Runs commands one after another, all of them, and exits with 1 when one failed. */
export function steps(commands) {
  const failed = commands.filter(([command, args]) => {
    console.log(`\n> ${[command, ...args].join(" ")}`)
    return spawnSync(command, args, { cwd: root, stdio: "inherit" }).status !== 0
  })
  for (const [command, args] of failed) console.error(`failed: ${[command, ...args].join(" ")}`)
  if (failed.length > 0) process.exit(1)
}
