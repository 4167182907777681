import { type ChildProcess, fork } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"
import type { S3Connection } from "../../servers/s3-server.ts"

/** What the server has seen since it was last asked. */
export interface Seen {
  readonly requests: number
  /** That were opened. */
  readonly connections: number
}

export type ServerTold = { readonly port: number } | Seen

/**
 * An S3 server on loopback that answers rightly and costs little, in a process of its own: what is measured is the
 * client. It checks no signatures. Objects of 1 MiB and more are counted, not kept: reading one gives a pattern.
 */
export class CheapS3 {
  readonly connection: S3Connection
  readonly #child: ChildProcess

  private constructor(child: ChildProcess, port: number) {
    this.#child = child
    this.connection = {
      endpoint: `http://127.0.0.1:${port}`,
      region: "us-east-1",
      credentials: { accessKeyId: "AKIAEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY" },
    }
  }

  /** @param latency milliseconds by which each answer is late */
  static async start(latency = 0): Promise<CheapS3> {
    const script = fileURLToPath(new URL("cheap-s3-process.ts", import.meta.url))
    const child = fork(script, [String(latency)], { execArgv: ["--no-warnings"] })
    const [told] = (await once(child, "message")) as [ServerTold]
    if (!("port" in told)) throw new Error("The server did not tell its port.")
    return new CheapS3(child, told.port)
  }

  /** What it has seen since the last call. */
  async seen(): Promise<Seen> {
    this.#child.send("seen")
    const [told] = (await once(this.#child, "message")) as [Seen]
    return told
  }

  async stop(): Promise<void> {
    this.#child.disconnect()
    await once(this.#child, "exit")
  }
}
