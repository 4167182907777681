import { execFile } from "node:child_process"
import { promisify } from "node:util"
import { findProgram } from "./programs.ts"

const PROGRAMS = ["ceph-mon", "ceph-osd", "radosgw", "radosgw-admin", "ceph", "ceph-authtool", "monmaptool"]
const PACKAGES = ["ceph-mon", "ceph-osd", "radosgw", "ceph-common"]
const INSTALL_LIMIT_MS = 5 * 60_000
// Two test runs may want to install at the same moment.
const APT_GET = ["-o", "DPkg::Lock::Timeout=120"]

/** Why Ceph can't run here, in one line; undefined when it can. Once installed, it needs no root. */
export function cephAvailable(): string | undefined {
  const missing = PROGRAMS.filter((name) => !findProgram(name))
  if (missing.length === 0) return undefined
  const hindrance = installHindrance()
  return `${missing.join(", ")} not found${hindrance ? `, and not installable: ${hindrance}` : ""}`
}

/**
 * Installs Debian's packages when a program is missing. Says nothing when all goes well.
 * @throws Error with apt-get's output when it fails, or with the reason when this machine can't install.
 */
export async function installCeph(): Promise<void> {
  if (!cephAvailable()) return
  const hindrance = installHindrance()
  if (hindrance) throw new Error(`Ceph can't be installed: ${hindrance}`)
  await aptGet("update")
  await aptGet("install", "-y", "--no-install-recommends", ...PACKAGES)
  const missing = cephAvailable()
  if (missing) throw new Error(`Ceph was installed, but ${missing}`)
}

function installHindrance(): string | undefined {
  if (!findProgram("apt-get")) return "no apt-get"
  if (process.getuid?.() !== 0) return "not root"
  return undefined
}

async function aptGet(...parameters: string[]): Promise<void> {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" }
  try {
    await promisify(execFile)("apt-get", [...APT_GET, ...parameters], { env, timeout: INSTALL_LIMIT_MS })
  } catch (error) {
    const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string }
    const output = `${stdout}\n${stderr}`.trim()
    throw new Error(`apt-get ${parameters[0]} failed: ${output.split("\n").at(-1)}\n${output}`, { cause: error })
  }
}
