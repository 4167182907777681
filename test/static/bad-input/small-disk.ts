import { execFileSync } from "node:child_process"
import { findProgram } from "../../servers/programs.ts"
import { temporaryFolder } from "../collect/site.ts"

/** A disk of this many bytes in memory. */
export interface SmallDisk {
  readonly folder: string
  [Symbol.dispose](): void
}

/** Mounting needs root and mount(8): undefined elsewhere. */
export async function smallDisk(size: number): Promise<SmallDisk | undefined> {
  if (process.platform !== "linux" || process.getuid?.() !== 0 || !findProgram("mount")) return undefined
  const folder = await temporaryFolder()
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${size}`, "tmpfs", folder], { stdio: "pipe" })
  } catch {
    return undefined
  }
  return { folder, [Symbol.dispose]: () => void execFileSync("umount", [folder]) }
}
