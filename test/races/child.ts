import { spawn } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"

/** A script of this folder in a process of its own, from the sources. Its input and output are JSON. */
export function startScript(script: string, input: unknown) {
  const path = fileURLToPath(new URL(script, import.meta.url))
  const child = spawn(process.execPath, ["--conditions=node-storages-source", path, JSON.stringify(input)], {
    stdio: ["ignore", "pipe", "pipe"],
  })
  let output = ""
  let errors = ""
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text))
  child.stderr.setEncoding("utf8").on("data", (text: string) => (errors += text))
  const ended = once(child, "close").then(([code, signal]) => ({
    code: code as number | null,
    signal: signal as string | null,
  }))
  return {
    child,
    ended,
    output: () => output,
    /** What the script printed. @throws Error with its standard error when it failed */
    async result<Result>(): Promise<Result> {
      const { code, signal } = await ended
      if (code !== 0) throw new Error(`${script} ended with ${signal ?? code}:\n${errors}`)
      return JSON.parse(output) as Result
    },
  }
}
