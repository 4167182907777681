import { type DebianProgram, hindranceOf, installPrograms } from "./debian-packages.ts"

const CEPH: DebianProgram = {
  title: "Ceph",
  programs: ["ceph-mon", "ceph-osd", "radosgw", "radosgw-admin", "ceph", "ceph-authtool", "monmaptool"],
  packages: ["ceph-mon", "ceph-osd", "radosgw", "ceph-common"],
}

/** Why Ceph can't run here, in one line; undefined when it can. Once installed, it needs no root. */
export function cephAvailable(): string | undefined {
  return hindranceOf(CEPH)
}

/** Installs it when it is missing. @throws Error with the reason when it can't be */
export function installCeph(): Promise<void> {
  return installPrograms(CEPH)
}
