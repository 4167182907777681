import { setTimeout as delay } from "node:timers/promises"
import { PATIENCE } from "../patience.ts"
import { type DebianProgram, installProgram } from "./debian-packages.ts"
import { freePort } from "./free-port.ts"
import { ProcessGroup } from "./process-group.ts"

/** A web server of a Debian package, on loopback. */
export interface WebServer {
  /** `http://127.0.0.1:<port>` */
  readonly origin: string
  stop(): Promise<void>
}

/**
 * Starts a web server, installed first where that is possible; once installed, it needs no root.
 * @param prepare writes the configuration into the folder, and gives the command that runs it until it is killed, in one
 * process: its children would outlive it
 * @throws Error in whose first line is why there is none
 */
export async function startWebServer(
  program: DebianProgram,
  prepare: (folder: string, port: number) => Promise<readonly string[]>,
): Promise<WebServer> {
  await installProgram(program)
  const name = program.title.toLowerCase()
  const port = await freePort()
  const group = new ProcessGroup(`node-storages-${name}-`)
  try {
    group.start(name, await prepare(group.folder, port))
    const origin = `http://127.0.0.1:${port}`
    await Promise.race([answers(origin), group.failure])
    return { origin, stop: () => group.stop() }
  } catch (error) {
    const said = group.lastLines()
    await group.stop()
    throw new Error(`${program.title} did not start: ${(error as Error).message}\n${said}`, { cause: error })
  }
}

async function answers(origin: string): Promise<void> {
  for (const end = Date.now() + PATIENCE; Date.now() < end; await delay(20)) {
    const answer = await fetch(origin).catch(() => undefined)
    if (answer !== undefined) return
  }
  throw new Error(`it does not answer after ${PATIENCE / 1000} s`)
}
