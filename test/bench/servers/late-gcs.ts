import { fork } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"

export interface LateGcsTold {
  readonly endpoint: string
  readonly account: string
  /** That the account may use for an hour. */
  readonly token: string
}

export interface LateGcs extends LateGcsTold {
  stop(): Promise<void>
}

/**
 * The Google Cloud Storage of the tests, with IAM, in a process of its own.
 * @param latency milliseconds by which each answer is late
 */
export async function startLateGcs(latency: number): Promise<LateGcs> {
  const script = fileURLToPath(new URL("late-gcs-process.ts", import.meta.url))
  const child = fork(script, [String(latency)], { execArgv: ["--no-warnings"] })
  const [told] = (await once(child, "message")) as [LateGcsTold]
  return {
    ...told,
    async stop() {
      child.disconnect()
      await once(child, "exit")
    },
  }
}
