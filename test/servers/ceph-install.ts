import { hindranceOf, installProgram } from "./debian-packages.ts"
import { CEPH } from "./debian-programs.ts"

/** Why Ceph can't run here, in one line; undefined when it can. Once installed, it needs no root. */
export function cephAvailable(): string | undefined {
  return hindranceOf(CEPH)
}

/** Installs it when it is missing. @throws Error with the reason when it can't be */
export function installCeph(): Promise<void> {
  return installProgram(CEPH)
}
