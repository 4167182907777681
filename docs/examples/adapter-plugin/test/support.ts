import { type ChildProcess, spawn } from "node:child_process"
import { randomUUID } from "node:crypto"
import { once } from "node:events"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { type SftpServer, sshdOrTell } from "../../../../test/servers/sshd.ts"
import type { SftpStorageOptions } from "storages-sftp"
import { afterAll, describe } from "vitest"
import type { Task } from "./task.ts"

/** What a storage needs to reach a server of the tests and log in. */
export function access({ host, port, username, privateKey, hostKey }: SftpServer): SftpStorageOptions {
  return { host, port, username, privateKey, hostKey }
}

/** A path on the server that nobody else uses; nothing is there yet. */
export function newRoot(server: SftpServer): string {
  return join(server.folder, randomUUID())
}

/** Tests on an OpenSSH of their own, with these lines in its configuration; skipped, with the reason told, where there can't be one. */
export async function describeOnOpenSsh(
  title: string,
  body: (server: SftpServer) => void,
  configuration: readonly string[] = [],
): Promise<void> {
  const server = await sshdOrTell(configuration)
  describe.skipIf(server === undefined)(title, () => {
    if (server === undefined) return
    afterAll(() => server.stop())
    body(server)
  })
}

export { failureOf } from "../../../../test/failure.ts"

/** Runs a task; what it prints is JSON. */
export function startProcess(task: Task): { child: ChildProcess; started: Promise<unknown>; result: Promise<unknown> } {
  const script = fileURLToPath(new URL("process.ts", import.meta.url))
  const child = spawn(process.execPath, ["--conditions=node-storages-source", "--expose-gc", script], {
    stdio: ["pipe", "pipe", "inherit"],
  })
  // Not as an argument: those are seen by everybody on the machine.
  child.stdin.end(JSON.stringify(task))
  let output = ""
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text))
  const result = once(child, "close").then(([code]) => {
    if (code !== 0) throw new Error(`${task.task} ended with ${String(code)}`)
    return JSON.parse(output) as unknown
  })
  result.catch(() => {})
  return { child, started: once(child.stdout, "data"), result }
}
