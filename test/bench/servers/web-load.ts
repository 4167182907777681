import { execFile, execFileSync } from "node:child_process"
import { writeFile } from "node:fs/promises"
import { cpus } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { type DebianProgram, hindranceOf, installProgram } from "../../servers/debian-packages.ts"
import { type Cost, NotHere } from "../harness/row.ts"

const WRK: DebianProgram = { title: "wrk", programs: ["wrk", "taskset"], packages: ["wrk", "util-linux"] }

/** What is asked for. */
export interface Load {
  /** One after the other. */
  readonly paths: readonly string[]
  /** That are kept open, each with one request under way. */
  readonly connections: number
  readonly seconds: number
}

/** Servers on one core, the load on the other. */
const [SERVER_CORE, LOAD_CORE] = ["1", "0"]

/** Puts this process, all its threads and what it starts on the servers' core. @throws NotHere without wrk or a core */
export async function takeServerCore(): Promise<void> {
  await installProgram(WRK).catch(() => {})
  const hindrance = hindranceOf(WRK)
  if (hindrance !== undefined) throw new NotHere(hindrance)
  if (cpus().length < 2) throw new NotHere("servers and their load need a core each")
  execFileSync("taskset", ["-acp", SERVER_CORE, String(process.pid)])
}

/**
 * Requests for a while.
 * @param computed milliseconds that the server has computed by now
 * @returns the cost of one request; `cpu` is the server's
 */
export async function loadFor(
  origin: string,
  { paths, connections, seconds: duration }: Load,
  folder: string,
  computed: () => number,
): Promise<Cost> {
  const script = join(folder, "paths.lua")
  await writeFile(script, luaFor(paths))
  const command = ["-c", LOAD_CORE, "wrk", "-t1", `-c${connections}`, `-d${duration}s`, "-s", script, origin]
  const before = computed()
  const { stdout } = await promisify(execFile)("taskset", command)
  const cpu = computed() - before
  const [, requests, seconds] = /(\d+) requests in ([\d.]+)s/.exec(stdout) ?? []
  if (requests === undefined || /Non-2xx|Socket errors/.test(stdout)) {
    throw new Error(`${origin} did not answer as it should:\n${stdout}`)
  }
  return { wall: (Number(seconds) * 1000) / Number(requests), cpu: cpu / Number(requests) }
}

function luaFor(paths: readonly string[]): string {
  const requests = paths.map((path) => `wrk.format("GET", ${JSON.stringify(path)})`).join(", ")
  return `
    local requests, number = {}, 0
    init = function() requests = { ${requests} } end
    request = function()
      number = number % #requests + 1
      return requests[number]
    end
  `
}
