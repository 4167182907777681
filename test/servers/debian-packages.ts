import { execFile } from "node:child_process"
import { promisify } from "node:util"
import { findProgram } from "./programs.ts"
import { told } from "./run-folder.ts"

const INSTALL_LIMIT_MS = 5 * 60_000
// Two test runs may want to install at the same moment.
const APT_GET = ["-o", "DPkg::Lock::Timeout=120"]

/** Programs of Debian's packages that a test server is made of. */
export interface DebianProgram {
  /** For messages: `"Ceph"`. */
  readonly title: string
  readonly programs: readonly string[]
  readonly packages: readonly string[]
}

/** Why it can't run here, in one line; undefined when it can. Once installed, it needs no root. */
export function hindranceOf({ programs }: DebianProgram): string | undefined {
  const missing = programs.filter((name) => !findProgram(name))
  if (missing.length === 0) return undefined
  const hindrance = installHindrance()
  return `${missing.join(", ")} not found${hindrance ? `, and not installable: ${hindrance}` : ""}`
}

/**
 * Waits until a program is there that the global set-up is installing; elsewhere installs it when it is missing.
 * @throws Error with apt-get's output when it fails, or with the reason when this machine can't install.
 */
export async function installProgram(program: DebianProgram): Promise<void> {
  if (!hindranceOf(program)) return
  await told("installed")
  await installPrograms([program])
}

/**
 * Installs Debian's packages of all programs that are missing, by one command. Says nothing when all goes well.
 * @throws Error with apt-get's output when it fails, or with the reason when this machine can't install.
 */
export async function installPrograms(programs: readonly DebianProgram[]): Promise<void> {
  const missing = programs.filter((program) => hindranceOf(program))
  if (missing.length === 0) return
  const titles = missing.map(({ title }) => title).join(", ")
  const hindrance = installHindrance()
  if (hindrance) throw new Error(`${titles} can't be installed: ${hindrance}`)
  await aptGet("update")
  await aptGet("install", "-y", "--no-install-recommends", ...missing.flatMap(({ packages }) => packages))
  for (const program of missing) {
    const still = hindranceOf(program)
    if (still) throw new Error(`${program.title} was installed, but ${still}`)
  }
}

function installHindrance(): string | undefined {
  if (!findProgram("apt-get")) return "no apt-get"
  if (process.getuid?.() !== 0) return "not root"
  return undefined
}

async function aptGet(...parameters: string[]): Promise<void> {
  // In run level 1 packages do not start their services: the tests start their own.
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" }
  try {
    await promisify(execFile)("apt-get", [...APT_GET, ...parameters], { env, timeout: INSTALL_LIMIT_MS })
  } catch (error) {
    const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string }
    const output = `${stdout}\n${stderr}`.trim()
    throw new Error(`apt-get ${parameters[0]} failed: ${output.split("\n").at(-1)}\n${output}`, { cause: error })
  }
}
