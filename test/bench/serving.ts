import { type ChildProcess, execFile, execFileSync, spawn } from "node:child_process"
import { randomBytes } from "node:crypto"
import { readFileSync } from "node:fs"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { promisify } from "node:util"
import { type DebianProgram, hindranceOf, installPrograms } from "../servers/debian-packages.ts"
import { startNginx } from "../servers/nginx.ts"
import { median, type Row } from "./table.ts"

const WRK: DebianProgram = { title: "wrk", programs: ["wrk", "taskset"], packages: ["wrk", "util-linux"] }
const MEBIBYTE = 1024 * 1024
const ROUNDS = 5
const SECONDS = 1
/** Connections that are kept open, each with one request under way. */
const CONNECTIONS = 16
/** Servers on one core, the load on the other. */
const [SERVER_CORE, LOAD_CORE] = ["1", "0"]

const KINDS = [
  "floor",
  "nodeHandler, cache",
  "nodeHandler",
  "serveStorage by @hono/node-server, cache",
  "sirv",
  "@fastify/static",
  "express.static",
  "createReadStream",
]

interface Subject {
  readonly what: string
  readonly pid: number
  readonly origin: string
  stop(): unknown
}

/**
 * Requests a second for 10 KB, and GB a second for 10 MB, of servers that have one core each: by the seconds that the
 * server has computed, so that what else runs on the machine counts little.
 */
export async function serving(): Promise<Row[]> {
  await installPrograms(WRK).catch(() => {})
  const hindrance = hindranceOf(WRK)
  if (hindrance !== undefined) {
    console.log(`Serving was not measured: ${hindrance}`)
    return []
  }
  const folder = await mkdtemp(join(process.env["BENCH_FOLDER"] ?? tmpdir(), "node-storages-serving-"))
  const subjects: Subject[] = []
  try {
    await writeFile(join(folder, "small.bin"), randomBytes(10 * 1024))
    await writeFile(join(folder, "large.bin"), randomBytes(10 * MEBIBYTE))
    // What is started inherits the core.
    pin(SERVER_CORE)
    const only = process.env["BENCH_SERVERS"]?.split(";")
    for (const kind of KINDS) if (only?.includes(kind) ?? true) subjects.push(await startServer(kind, folder))
    if (only === undefined) subjects.push(...(await nginx(folder)))
    pin(LOAD_CORE)
    return await measured(subjects)
  } finally {
    for (const each of subjects) await each.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

async function measured(subjects: readonly Subject[]): Promise<Row[]> {
  const rates: Record<string, { small: number[]; large: number[] }> = {}
  for (const subject of subjects) {
    rates[subject.what] = { small: [], large: [] }
    for (const name of ["small.bin", "large.bin"]) await load(subject, name)
  }
  for (let round = 0; round < ROUNDS; round++) {
    for (const subject of subjects) {
      rates[subject.what]!.small.push((await load(subject, "small.bin")).requests)
      rates[subject.what]!.large.push((await load(subject, "large.bin")).bytes / 1e9)
    }
  }
  const medians = Object.entries(rates).map(([what, { small, large }]) => ({
    what,
    small: median(small),
    large: median(large),
  }))
  const floor = medians.find(({ what }) => what === "floor")
  return medians.map(({ what, small, large }) => ({
    what,
    "10 KB: requests/s": Math.round(small),
    "of the floor": floor ? (small / floor.small).toFixed(2) : "",
    "10 MB: GB/s": large.toFixed(2),
    "of the floor ": floor ? (large / floor.large).toFixed(2) : "",
  }))
}

function pin(core: string): void {
  execFileSync("taskset", ["-cp", core, String(process.pid)])
}

async function startServer(kind: string, folder: string): Promise<Subject> {
  const script = new URL("serving-server.ts", import.meta.url).pathname
  const options = process.env["BENCH_NODE_OPTIONS"]?.split(" ") ?? []
  const server: ChildProcess = spawn(
    process.execPath,
    ["--conditions=node-storages-source", "--no-warnings", ...options, script, kind, folder],
    { stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, NODE_ENV: "production" } },
  )
  const port = await new Promise<string>((resolve, reject) => {
    createInterface(server.stdout!).once("line", resolve)
    server.once("exit", () => reject(new Error(`The server "${kind}" did not start.`)))
  })
  return { what: kind, pid: server.pid!, origin: `http://127.0.0.1:${port}`, stop: () => server.kill("SIGINT") }
}

async function nginx(folder: string): Promise<Subject[]> {
  const before = children()
  try {
    const server = await startNginx(
      (port) => `sendfile on; keepalive_requests 1000000000; server { listen 127.0.0.1:${port}; root ${folder}; }`,
    )
    const pid = children().find((each) => !before.includes(each))!
    return [{ what: "nginx, sendfile", pid, origin: server.origin, stop: () => server.stop() }]
  } catch (error) {
    console.log(`nginx was not measured: ${(error as Error).message.split("\n")[0]}`)
    return []
  }
}

/** The processes that this one has started. */
function children(): readonly number[] {
  return readFileSync(`/proc/self/task/${process.pid}/children`, "utf8").trim().split(" ").map(Number)
}

/** For how long a process has computed by now, in seconds. */
function computed(pid: number): number {
  // User and system time, in hundredths; the name before them may hold anything.
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /s, "")
    .split(" ")
  return (Number(fields[11]) + Number(fields[12])) / 100
}

/** What arrives for each second that the server computes. */
async function load({ origin, pid }: Subject, name: string): Promise<{ requests: number; bytes: number }> {
  const url = `${origin}/${name}`
  const before = computed(pid)
  const { stdout } = await promisify(execFile)("wrk", ["-t1", `-c${CONNECTIONS}`, `-d${SECONDS}s`, url])
  const seconds = computed(pid) - before
  const [, requests, size, unit] = /(\d+) requests in [\d.]+s, ([\d.]+)([KMGT]?)B read/.exec(stdout) ?? []
  if (requests === undefined || /Non-2xx|Socket errors/.test(stdout)) {
    throw new Error(`${url} was not served as it should be:\n${stdout}`)
  }
  const scale = 1024 ** ["", "K", "M", "G", "T"].indexOf(unit!)
  return { requests: Number(requests) / seconds, bytes: (Number(size) * scale) / seconds }
}
