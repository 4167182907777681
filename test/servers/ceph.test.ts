import { spawn } from "node:child_process"
import { once } from "node:events"
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises"
import { createServer, type AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { delimiter, join } from "node:path"
import { text } from "node:stream/consumers"
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest"
import { cephAvailable, startCeph } from "./ceph.ts"
import { freePort } from "./free-port.ts"
import { findProgram } from "./programs.ts"
import type { S3Server } from "./s3-server.ts"
import { until } from "./until.ts"
import { told } from "./run-folder.ts"

// Only so that one test can hand out a port that is taken.
vi.mock("./free-port.ts", async (original) => {
  const actual = await original<typeof import("./free-port.ts")>()
  return { ...actual, freePort: vi.fn(actual.freePort) }
})

/** Stands in for the system's temporary folder, so that what is left behind can be told from others' things. */
let folder: string
const started: S3Server[] = []

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "node-storages-ceph-test-"))
  vi.stubEnv("TMPDIR", folder)
})

afterEach(async () => {
  vi.unstubAllEnvs()
  await Promise.all(started.splice(0).map((server) => server.stop()))
  await rm(folder, { recursive: true, force: true })
})

async function start(): Promise<S3Server> {
  const server = await startCeph()
  started.push(server)
  return server
}

/** Programs at work in the folder. Those that ended and wait for their parent have no command line any more. */
async function processes(): Promise<string[]> {
  const ids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name))
  const commands = await Promise.all(ids.map((id) => readFile(`/proc/${id}/cmdline`, "utf8").catch(() => "")))
  const own = commands.filter((command) => command.includes(`${folder}/`)).map((command) => command.split("\0"))
  return own.map(([program = ""]) => program).toSorted()
}

const daemons = ["ceph-mon", "ceph-osd", "radosgw"]

async function expectNothingLeft(): Promise<void> {
  expect(await processes()).toEqual([])
  expect(await readdir(folder)).toEqual([])
}

/** Puts a shell script before the program of that name on PATH. */
async function replaceProgram(name: string, script: string): Promise<() => Promise<void>> {
  const programs = await mkdtemp(join(folder, "bin-"))
  await writeFile(join(programs, name), `#!/bin/sh\n${script}\n`)
  await chmod(join(programs, name), 0o755)
  vi.stubEnv("PATH", `${programs}${delimiter}${process.env["PATH"]}`)
  return () => rm(programs, { recursive: true })
}

await told("installed")

describe.skipIf(cephAvailable())("a Ceph of one's own", () => {
  test("two run at the same time, apart from each other, and leave nothing behind", async () => {
    const [first, second] = await Promise.all([start(), start()])
    expect(await processes()).toEqual([...daemons, ...daemons].toSorted())
    expect(await readdir(folder)).toHaveLength(2)
    expect(first.endpoint).not.toBe(second.endpoint)
    await first.stop()
    expect(await processes()).toEqual(daemons)
    expect((await fetch(second.endpoint)).status).toBe(200)
    await expect(fetch(first.endpoint)).rejects.toThrow()
    await Promise.all([second.stop(), second.stop()])
    await expectNothingLeft()
  })

  // What a process does at its end can only be seen from outside of it.
  const script = `
    const { startCeph } = await import(${JSON.stringify(new URL("ceph.ts", import.meta.url).href)})
    const { endpoint } = await startCeph()
    console.log(endpoint)`
  const startProcess = (more: string): ReturnType<typeof spawn> =>
    spawn(process.execPath, ["--input-type=module", "--eval", script + more], { stdio: ["pipe", "pipe", "inherit"] })

  test("nothing is left behind when the process that started it exits", async () => {
    const child = startProcess("\nprocess.exit()")
    const output = await text(child.stdout!)
    expect(output).toMatch(/^http:\/\/127\.0\.0\.1:\d+\n$/)
    await until(async () => (await processes()).length === 0)
    expect(await readdir(folder)).toEqual([])
  })

  test.skipIf(!findProgram("setpriv"))("no process is left when the one that started it is killed", async () => {
    const child = startProcess("\nprocess.stdin.resume()")
    await once(child.stdout!, "data")
    expect(await processes()).toEqual(daemons)
    child.kill("SIGKILL")
    await until(async () => (await processes()).length === 0)
  })

  test("a daemon that does not start is named with its last words", async () => {
    const restore = await replaceProgram("radosgw", "echo no such frontend >&2; exit 3")
    await expect(startCeph()).rejects.toThrow("Ceph did not start: radosgw ended by itself (3): no such frontend\n")
    await restore()
    await expectNothingLeft()
  })

  test("a program that hangs ends the start in an error within the time limit", async () => {
    const restore = await replaceProgram("ceph-authtool", "echo thinking; exec sleep 1000")
    const message = "Ceph did not start: no answer within 10000 ms\n--- ceph-authtool\nthinking"
    await expect(startCeph({ startLimit: 10_000 })).rejects.toThrow(message)
    await restore()
    await expectNothingLeft()
  })

  test.each(["monitor", "gateway"])("a port that was taken before the %s could is replaced by another", async (who) => {
    const taken = createServer().listen(0, "127.0.0.1")
    await once(taken, "listening")
    const { port } = taken.address() as AddressInfo
    vi.mocked(freePort).mockClear()
    if (who === "gateway") vi.mocked(freePort).mockImplementationOnce(vi.mocked(freePort).getMockImplementation()!)
    vi.mocked(freePort).mockResolvedValueOnce(port)
    const server = await start()
    expect(server.endpoint).not.toContain(`:${port}`)
    expect(freePort).toHaveBeenCalledTimes(4)
    expect(await processes()).toEqual(daemons)
    expect(await readdir(folder)).toHaveLength(1)
    taken.close()
  })

  test("a start that is cut short at its beginning leaves nothing behind", async () => {
    await expect(startCeph({ startLimit: 1 })).rejects.toThrow("no answer within 1 ms")
    await expectNothingLeft()
  })
})

test("without its programs, Ceph is said to be unavailable in one line", () => {
  vi.stubEnv("PATH", folder)
  expect(cephAvailable()).toMatch(/^ceph-mon, .* not found, and not installable: no apt-get$/)
})
