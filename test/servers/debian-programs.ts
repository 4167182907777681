/** What tests use of Debian's packages, but for the web load of measurements: installed together when a run begins. */
import type { DebianProgram } from "./debian-packages.ts"

export const CEPH: DebianProgram = {
  title: "Ceph",
  programs: ["ceph-mon", "ceph-osd", "radosgw", "radosgw-admin", "ceph", "ceph-authtool", "monmaptool"],
  packages: ["ceph-mon", "ceph-osd", "radosgw", "ceph-common"],
}

export const NGINX: DebianProgram = {
  title: "nginx",
  programs: ["nginx"],
  packages: ["nginx", "libnginx-mod-http-brotli-static"],
}

export const CADDY: DebianProgram = { title: "Caddy", programs: ["caddy"], packages: ["caddy"] }

export const LIGHTTPD: DebianProgram = { title: "lighttpd", programs: ["lighttpd"], packages: ["lighttpd"] }

export const OPENSSH: DebianProgram = {
  title: "OpenSSH",
  programs: ["sshd", "ssh-keygen"],
  packages: ["openssh-server", "openssh-client"],
}

export const CHROMIUM: DebianProgram = { title: "Chromium", programs: ["chromium"], packages: ["chromium"] }

export const ZSH: DebianProgram = { title: "zsh", programs: ["zsh"], packages: ["zsh"] }

export const FISH: DebianProgram = { title: "fish", programs: ["fish"], packages: ["fish"] }

export const ALL_PROGRAMS: readonly DebianProgram[] = [CEPH, NGINX, CADDY, LIGHTTPD, OPENSSH, CHROMIUM, ZSH, FISH]
