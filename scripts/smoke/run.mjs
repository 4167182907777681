import { spawn } from "node:child_process"

const LIMIT_MS = 180_000
const LAST_LINES = 40

/**
 * Runs a program and answers with what it printed.
 * @throws Error with its last lines when it fails, or takes longer than three minutes
 */
export function run(command, args, { cwd, env } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
      timeout: LIMIT_MS,
    })
    const printed = { stdout: "", stderr: "" }
    for (const stream of ["stdout", "stderr"]) {
      child[stream].setEncoding("utf8").on("data", (text) => (printed[stream] += text))
    }
    child.on("error", reject)
    child.on("close", (code, signal) => {
      if (code === 0) return resolve(printed)
      const lines = `${printed.stdout}\n${printed.stderr}`.trim().split("\n").slice(-LAST_LINES)
      const line = [command, ...args].join(" ")
      reject(new Error(`${line}\nin ${cwd} ended with ${signal ?? code}:\n${lines.join("\n")}`))
    })
  })
}

/** @throws Error when what was met is not what was wanted */
export function mustBe(what, met, wanted) {
  if (met !== wanted) throw new Error(`${what} is ${JSON.stringify(met)}, not ${JSON.stringify(wanted)}.`)
}
