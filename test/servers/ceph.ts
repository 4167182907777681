/**
 * A real S3 service for tests: Ceph's gateway over one monitor and one object store in memory, on loopback.
 *
 * Run directly, it starts one and prints how to reach it, until Ctrl-C.
 */
import { randomUUID } from "node:crypto"
import { once } from "node:events"
import { realpathSync } from "node:fs"
import { mkdir, writeFile } from "node:fs/promises"
import { connect } from "node:net"
import { setTimeout as delay } from "node:timers/promises"
import { PATIENCE } from "../patience.ts"
import { cephConfig } from "./ceph-config.ts"
import { freePort, isFree } from "./free-port.ts"
import { ProcessGroup } from "./process-group.ts"
import type { S3Server } from "./s3-server.ts"

export { cephAvailable, installCeph } from "./ceph-install.ts"

const CREDENTIALS = { accessKeyId: "AKIATEST", secretAccessKey: "secretsecret" }
const ALL = "allow *"
// The gateway's last lines can be lost when it ends at once; its exit status is then the error's number, EADDRINUSE.
const PORT_TAKEN = /address already in use|unable to bind|radosgw ended by itself \(98\)/i

interface Ports {
  monitorPort: number
  gatewayPort: number
}

export interface CephOptions {
  /** How long a start may take, in milliseconds. Default: minutes; about 2,000 are usual. */
  startLimit?: number
}

/**
 * Starts Ceph at `http://127.0.0.1:<free port>`, path style. Virtual-host style works at `<bucket>.s3.localhost:<port>`
 * for a client that resolves that name to 127.0.0.1.
 *
 * It accepts the `Host` header that arrives as the one that was signed, so it may be reached through a TCP proxy.
 *
 * @throws Error when it does not answer within `startLimit`: the first line says why, the others are what its programs
 * wrote last.
 */
export async function startCeph({ startLimit = PATIENCE }: CephOptions = {}): Promise<S3Server> {
  for (let attempts = 1; ; attempts++) {
    const [monitorPort, gatewayPort] = await Promise.all([freePort(), freePort()])
    const ports = { monitorPort, gatewayPort }
    try {
      return await startOnce(ports, startLimit)
    } catch (error) {
      if (attempts < 3 && (await portWasTaken(ports, error as Error))) continue
      throw error
    }
  }
}

/** Somebody else may take a port between its choice and its use. The gateway may even crash of that, without a word. */
async function portWasTaken({ monitorPort, gatewayPort }: Ports, error: Error): Promise<boolean> {
  return PORT_TAKEN.test(error.message) || !(await isFree(monitorPort)) || !(await isFree(gatewayPort))
}

async function startOnce(ports: Ports, startLimit: number): Promise<S3Server> {
  const group = new ProcessGroup("node-storages-ceph-")
  const timer = new AbortController()
  const late = delay(startLimit, undefined, { signal: timer.signal }).then(() => {
    throw new Error(`no answer within ${startLimit} ms`)
  })
  try {
    await Promise.race([startDaemons(group, ports), late])
    const endpoint = `http://127.0.0.1:${ports.gatewayPort}`
    await Promise.race([gatewayAnswers(endpoint, group), group.failure, late])
    return { endpoint, region: "us-east-1", credentials: { ...CREDENTIALS }, stop: () => group.stop() }
  } catch (error) {
    const lastLines = group.lastLines()
    await group.stop()
    throw new Error(`Ceph did not start: ${(error as Error).message}\n${lastLines}`.trimEnd(), { cause: error })
  } finally {
    late.catch(() => {})
    timer.abort()
  }
}

async function startDaemons(group: ProcessGroup, { monitorPort, gatewayPort }: Ports): Promise<void> {
  const { folder } = group
  const config = ["-c", `${folder}/ceph.conf`]
  const keyring = `${folder}/keyring`
  const gateway = [...config, "-n", "client.rgw"]
  const [fsid, osdId] = [randomUUID(), randomUUID()]
  await Promise.all(["mon", "osd"].map((name) => mkdir(`${folder}/${name}`)))
  await writeFile(`${folder}/ceph.conf`, cephConfig({ folder, fsid, monitorPort, gatewayPort }))

  const monitor = `[v2:127.0.0.1:${monitorPort}/0]`
  const map = `${folder}/monmap`
  await writeKeyring(group, keyring)
  await group.run("monmaptool", ["monmaptool", "--create", "--fsid", fsid, "--addv", "a", monitor, map])
  await group.run("ceph-mon-mkfs", ["ceph-mon", ...config, "-i", "a", "--mkfs", "--monmap", map, "--keyring", keyring])
  group.start("ceph-mon", ["ceph-mon", ...config, "-i", "a", "-f"])

  // A client that finds no monitor tries again only seconds later.
  await Promise.race([portOpens(monitorPort, group), group.failure])
  await group.run("ceph-osd-new", ["ceph", ...config, "osd", "new", osdId, "0"])
  await group.run("ceph-osd-mkfs", ["ceph-osd", ...config, "-i", "0", "--mkfs", "--osd-uuid", osdId])
  group.start("ceph-osd", ["ceph-osd", ...config, "-i", "0", "-f"])
  // Likewise, pools made before it is up would be found ready only at the monitor's next tick.
  while (!(await group.run("ceph-osd-stat", ["ceph", ...config, "osd", "stat"])).includes("1 up")) await delay(50)

  const user = ["--uid=test", "--display-name=test"]
  const keys = [`--access-key=${CREDENTIALS.accessKeyId}`, `--secret-key=${CREDENTIALS.secretAccessKey}`]
  await group.run("radosgw-admin", ["radosgw-admin", ...gateway, "user", "create", ...user, ...keys])
  group.start("radosgw", ["radosgw", ...gateway, "-f"])
}

async function writeKeyring(group: ProcessGroup, keyring: string): Promise<void> {
  const add = (name: string, ...capabilities: string[]): Promise<string> =>
    group.run("ceph-authtool", ["ceph-authtool", keyring, "--gen-key", "-n", name, ...capabilities])
  await add("mon.", "--create-keyring", "--cap", "mon", ALL)
  for (const name of ["client.admin", "client.rgw", "osd.0"]) {
    await add(name, "--cap", "mon", ALL, "--cap", "osd", ALL)
  }
}

async function portOpens(port: number, group: ProcessGroup): Promise<void> {
  while (!group.stopped) {
    const socket = connect(port, "127.0.0.1")
    const open = await once(socket, "connect").then(
      () => true,
      () => false,
    )
    socket.destroy()
    if (open) return
    await delay(20)
  }
}

/** An open port is not enough: the gateway opens it before it has read its pools. */
async function gatewayAnswers(endpoint: string, group: ProcessGroup): Promise<void> {
  while (!group.stopped) {
    const text = await fetch(endpoint).then(
      (response) => response.text(),
      () => "",
    )
    if (text.includes("ListAllMyBucketsResult")) return
    await delay(20)
  }
}

async function printAndWait(): Promise<void> {
  // Without these handlers a signal ends the process without its 'exit' event.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => process.exit())
  const { endpoint, region, credentials } = await startCeph()
  console.log(`endpoint          ${endpoint}\nregion            ${region}`)
  console.log(`access key id     ${credentials.accessKeyId}\nsecret access key ${credentials.secretAccessKey}`)
  console.log("Ctrl-C stops it and forgets its data.")
  setInterval(() => {}, 2 ** 30)
}

// `import.meta.main` would do, but Node 22 does not have it.
if (process.argv[1] && realpathSync(process.argv[1]) === import.meta.filename) await printAndWait()
