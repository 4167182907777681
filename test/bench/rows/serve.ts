import { randomBytes } from "node:crypto"
import { once } from "node:events"
import { readFileSync } from "node:fs"
import { mkdir, readFile, writeFile } from "node:fs/promises"
import { createServer, type RequestListener, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import { getRequestListener } from "@hono/node-server"
import { nodeHandler, serveStorage } from "@node-storages/http"
import { LocalStorage } from "@node-storages/local"
import { startNginx } from "../../servers/nginx.ts"
import { peer } from "../harness/peers.ts"
import { type BenchRow, NotHere, OURS, type Subject, type Work } from "../harness/row.ts"
import { serveFromMemory, serveInBlocks, servePlainStreams } from "../servers/static-servers.ts"
import { type Load, loadFor, takeServerCore } from "../servers/web-load.ts"

/** Below the folder that is served. */
interface Files extends Load {
  /** Of each, in bytes. */
  readonly size: number
}

const SMALL: Files = {
  paths: Array.from({ length: 64 }, (_, number) => `/file-${number}.bin`),
  size: 10 * 1024,
  connections: 16,
  seconds: 1,
}
/** Few at once and for longer: a round is to have some hundred answers, of which those cut off at its end are a small part. */
const LARGE: Files = { paths: ["/large.bin"], size: 10 * 1024 * 1024, connections: 4, seconds: 3 }
const FLOOR = "floor: node:http"
const CACHED = `${OURS}, cache`

/** A server that was started, and what tells the milliseconds that it has computed. */
interface Served {
  readonly origin: string
  readonly computed: () => number
  readonly stop: () => unknown
}

type Start = (folder: string, files: Files) => Promise<Served>

/** A server on a core of its own, asked for one file after the other by wrk on another core. */
function measured(files: Files, start: Start): Subject {
  return async ({ folder }): Promise<Work> => {
    const served = join(folder, "served")
    await mkdir(served)
    for (const path of files.paths) await writeFile(join(served, path), randomBytes(files.size))
    await takeServerCore()
    const { origin, computed, stop } = await start(served, files)
    return {
      async run(times) {
        const { wall, cpu } = await loadFor(origin, files, folder, computed)
        return { wall: wall * times, cpu: cpu * times }
      },
      async close() {
        await checkBytes(origin, served, files.paths)
        await stop()
      },
    }
  }
}

async function checkBytes(origin: string, folder: string, paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    const answer = await fetch(origin + path)
    const bytes = Buffer.from(await answer.arrayBuffer())
    if (answer.status === 200 && bytes.equals(await readFile(join(folder, path)))) continue
    throw new Error(`${path} was not answered with its bytes, but with ${answer.status}.`)
  }
}

/** A listener of node:http, in this process. */
function inProcess(make: (folder: string, files: Files) => RequestListener | Promise<RequestListener>): Start {
  return async (folder, files) => {
    const server = createServer(await make(folder, files))
    await once(server.listen(0, "127.0.0.1"), "listening")
    return ownProcess(server)
  }
}

function ownProcess(server: Server): Served {
  const computed = () => {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1000
  }
  const stop = () => server.close().closeAllConnections()
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, computed, stop }
}

const fastify: Start = async (folder) => {
  interface App {
    readonly server: Server
    register(plugin: unknown, options: object): void
    listen(options: object): Promise<unknown>
  }
  const { default: Fastify } = await peer<{ default: () => App }>("fastify")
  const { default: plugin } = await peer<{ default: unknown }>("@fastify/static")
  const app = Fastify()
  app.register(plugin, { root: folder })
  await app.listen({ port: 0, host: "127.0.0.1" })
  return ownProcess(app.server)
}

const express = inProcess(async (folder) => {
  interface Express {
    (): { use(middleware: unknown): RequestListener }
    static(folder: string): unknown
  }
  const { default: make } = await peer<{ default: Express }>("express")
  return make().use(make.static(folder))
})

const sirv = inProcess(async (folder) => {
  const { default: make } = await peer<{ default: (folder: string, options: object) => RequestListener }>("sirv")
  return make(folder, { dev: false })
})

const nginx: Start = async (folder) => {
  const before = children()
  const configuration = (port: number) =>
    `sendfile on; keepalive_requests 1000000000; server { listen 127.0.0.1:${port}; root ${folder}; }`
  const server = await startNginx(configuration).catch((error: Error) => {
    throw new NotHere(error.message.split("\n", 1)[0])
  })
  const pid = children().find((each) => !before.includes(each))!
  return { origin: server.origin, computed: () => computedBy(pid), stop: () => server.stop() }
}

/** The processes that this one has started. */
function children(): readonly number[] {
  return readFileSync(`/proc/self/task/${process.pid}/children`, "utf8").trim().split(" ").map(Number)
}

/** For how long another process has computed by now, in milliseconds. */
function computedBy(pid: number): number {
  // User and system time, in hundredths of a second; the name before them may hold anything.
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /s, "")
    .split(" ")
  return (Number(fields[11]) + Number(fields[12])) * 10
}

const ours = (options: object) => inProcess((folder) => nodeHandler(new LocalStorage(folder), options))

const hono = inProcess((folder) => {
  const listener = getRequestListener(serveStorage(new LocalStorage(folder), { cache: true }))
  return (request, response) => void listener(request, response)
})

/** The same guarantees from `OURS` down to express: conditions, ranges, types by name, no path that leads out. */
function subjectsFor(files: Files, floor: Start): BenchRow["subjects"] {
  const starts: Readonly<Record<string, Start>> = {
    [FLOOR]: floor,
    [CACHED]: ours({ cache: true }),
    [`${OURS}, cache, always asked`]: ours({ cache: { freshFor: 0 } }),
    [OURS]: ours({}),
    [`${CACHED}, @hono/node-server`]: hono,
    sirv,
    "@fastify/static": fastify,
    "express.static": express,
    createReadStream: inProcess(servePlainStreams),
    "nginx, sendfile": nginx,
  }
  return Object.fromEntries(Object.entries(starts).map(([name, start]) => [name, measured(files, start)]))
}

const COMMON = { unit: "request", times: 1, rounds: 4, ratioOf: "cpu", base: FLOOR } as const

/** Small files over HTTP: the processor time of a server that has one core. */
export const serveSmall: BenchRow = {
  ...COMMON,
  title: "Serve a file of 10 KiB, of 64",
  goals: [
    { subject: CACHED, base: FLOOR, atMost: 1 / 0.8 },
    { subject: CACHED, base: "sirv", atMost: 1 / 3 },
    { subject: CACHED, base: "@fastify/static", atMost: 1 / 3 },
  ],
  subjects: subjectsFor(
    SMALL,
    inProcess((folder, { paths }) => serveFromMemory(folder, paths)),
  ),
}

/** A large file over HTTP. */
export const serveLarge: BenchRow = {
  ...COMMON,
  title: "Serve a file of 10 MiB",
  goals: [
    { base: FLOOR, atMost: 1 / 0.8 },
    { base: "sirv", atMost: 1 / 1.2 },
  ],
  subjects: subjectsFor(
    LARGE,
    inProcess((folder, { paths }) => serveInBlocks(folder, paths[0]!)),
  ),
}
