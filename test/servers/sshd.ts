import { once } from "node:events"
import { mkdirSync } from "node:fs"
import { copyFile, readFile, writeFile } from "node:fs/promises"
import { connect } from "node:net"
import { userInfo } from "node:os"
import { join } from "node:path"
import { setTimeout as delay } from "node:timers/promises"
import { PATIENCE } from "../patience.ts"
import { installProgram } from "./debian-packages.ts"
import { OPENSSH } from "./debian-programs.ts"
import { freePort } from "./free-port.ts"
import { ProcessGroup } from "./process-group.ts"
import { findProgram } from "./programs.ts"

/** Compiled into Debian's sshd, which as root does not start without it. */
const PRIVILEGE_SEPARATION = "/run/sshd"

/** OpenSSH's server on loopback, for files only; it lets in the user who runs it, by a key. */
export interface SftpServer {
  readonly host: string
  readonly port: number
  /** Who may log in. */
  readonly username: string
  /** The private key that it lets in, as text and as file. */
  readonly privateKey: string
  readonly privateKeyFile: string
  /** The key by which it is known, as in `known_hosts` behind the host: `"ssh-ed25519 AAAA…"`. */
  readonly hostKey: string
  /** An empty folder that is removed with the server. */
  readonly folder: string
  stop(): Promise<void>
}

/**
 * Starts sshd with keys of its own, installed first where that is possible; once installed, it needs no root.
 * @param configuration lines of `sshd_config` that go before ours, so that they count
 * @throws Error in whose first line is why there is none
 */
export async function startSshd(configuration: readonly string[] = []): Promise<SftpServer> {
  await installProgram(OPENSSH)
  const port = await freePort()
  const group = new ProcessGroup("node-storages-sshd-")
  const file = (name: string): string => join(group.folder, name)
  try {
    if (process.getuid?.() === 0) mkdirSync(PRIVILEGE_SEPARATION, { recursive: true, mode: 0o755 })
    for (const name of ["host_key", "user_key"]) {
      const keygen = findProgram("ssh-keygen")!
      await group.run("ssh-keygen", [keygen, "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", file(name)])
    }
    await copyFile(file("user_key.pub"), file("authorized_keys"))
    const config = file("sshd_config")
    await writeFile(
      config,
      [...configuration, ...lines(port, file), ...(await penalties(group, config)), ""].join("\n"),
    )
    // It starts itself again for each connection, and so wants its full path.
    group.start("sshd", [findProgram("sshd")!, "-D", "-e", "-f", config])
    await Promise.race([answers(port), group.failure])
    const folder = file("files")
    mkdirSync(folder)
    return {
      host: "127.0.0.1",
      port,
      username: userInfo().username,
      privateKey: await readFile(file("user_key"), "utf8"),
      privateKeyFile: file("user_key"),
      hostKey: (await readFile(file("host_key.pub"), "utf8")).trim(),
      folder,
      stop: () => group.stop(),
    }
  } catch (error) {
    const said = group.lastLines()
    await group.stop()
    throw new Error(`OpenSSH did not start: ${(error as Error).message}\n${said}`, { cause: error })
  }
}

/** The server, or nothing where it can't be installed. @throws Error where it is there and does not start */
export async function sshdOrTell(configuration?: readonly string[]): Promise<SftpServer | undefined> {
  try {
    return await startSshd(configuration)
  } catch (error) {
    const reason = (error as Error).message.split("\n")[0]!
    if (!reason.startsWith("OpenSSH can't be installed")) throw error
    console.log(`Tests with OpenSSH were not run: ${reason}`)
    return undefined
  }
}

function lines(port: number, file: (name: string) => string): string[] {
  return [
    `Port ${port}`,
    "ListenAddress 127.0.0.1",
    `HostKey ${file("host_key")}`,
    `AuthorizedKeysFile ${file("authorized_keys")}`,
    `PidFile ${file("sshd.pid")}`,
    "StrictModes no",
    "UsePAM no",
    "PermitRootLogin yes",
    "PasswordAuthentication yes",
    "Subsystem sftp internal-sftp",
    "ForceCommand internal-sftp",
    // Tests open many connections at once, and some on purpose with a wrong password.
    "MaxStartups 500",
    "MaxAuthTries 20",
    "LogLevel ERROR",
  ]
}

/** Since OpenSSH 9.8 who fails to log in is made to wait; versions before do not know the option. */
async function penalties(group: ProcessGroup, config: string): Promise<string[]> {
  const line = "PerSourcePenalties no"
  await writeFile(config, `${line}\nHostKey ${join(group.folder, "host_key")}\n`)
  const known = await group.run("sshd-test", [findProgram("sshd")!, "-t", "-f", config]).then(
    () => true,
    () => false,
  )
  return known ? [line] : []
}

/** Waits until it names its protocol: from then on it takes connections. */
async function answers(port: number): Promise<void> {
  for (const end = Date.now() + PATIENCE; Date.now() < end; await delay(20)) {
    const socket = connect(port, "127.0.0.1")
    try {
      const [banner] = (await once(socket, "data")) as [Buffer]
      if (banner.toString("latin1").startsWith("SSH-2.0-")) return
    } catch {
      // Nobody listens yet.
    } finally {
      socket.destroy()
    }
  }
  throw new Error(`it does not answer after ${PATIENCE / 1000} s`)
}
