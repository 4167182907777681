import { type ChildProcessByStdio, spawn } from "node:child_process"
import { once } from "node:events"
import { createInterface } from "node:readline"
import type { Readable, Writable } from "node:stream"
import { fileURLToPath } from "node:url"
import type { GcsConnection } from "./gcs-server.ts"

export interface GcsProcess {
  child: ChildProcessByStdio<Writable, Readable, null>
  connection: GcsConnection
  stop(): Promise<void>
}

/** The server in a process of its own, so that its memory and its work are not the client's. */
export async function startGcsProcess(
  buckets: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): Promise<GcsProcess> {
  const script = fileURLToPath(new URL("run.ts", import.meta.url))
  const child = spawn(process.execPath, [script, ...buckets], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, ...environment },
  })
  const [line] = (await once(createInterface(child.stdout), "line")) as [string]
  return {
    child,
    connection: JSON.parse(line) as GcsConnection,
    async stop() {
      const exited = once(child, "exit")
      child.stdin.end()
      await exited
    },
  }
}
