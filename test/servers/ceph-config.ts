/** The name that the gateway takes for itself, so that `<bucket>.s3.localhost` is a virtual-host style address. */
export const CEPH_DNS_NAME = "s3.localhost"

// S3's own limit for one PUT. Larger objects need a multipart upload.
const MAX_PUT_BYTES = 5 * 1024 ** 3

// A cap, not a reservation: memory is used only for what is stored. Room for an object of 2 GiB, a copy of it, and
// the overhead of parts.
const STORE_BYTES = 12 * 1024 ** 3

export interface CephConfig {
  folder: string
  fsid: string
  monitorPort: number
  gatewayPort: number
}

/** The configuration of a whole cluster on loopback: one monitor, one object store in memory, one S3 gateway. */
export function cephConfig({ folder, fsid, monitorPort, gatewayPort }: CephConfig): string {
  return `[global]
fsid = ${fsid}
mon host = [v2:127.0.0.1:${monitorPort}/0]
mon initial members = a
public network = 127.0.0.0/8
ms bind ipv4 = true
ms bind ipv6 = false
public addr = 127.0.0.1
cluster addr = 127.0.0.1
keyring = ${folder}/keyring
run dir = ${folder}
admin socket = ${folder}/$name.asok
crash dir = ${folder}
log file =
log to stderr = true
err to stderr = true
mon cluster log to file = false
pid file =
mon data = ${folder}/mon
osd data = ${folder}/osd
${ONE_OF_EACH}
${IN_MEMORY}
${QUICK}

[client.rgw]
rgw frontends = beast endpoint=127.0.0.1:${gatewayPort}
rgw dns name = ${CEPH_DNS_NAME}
rgw enable apis = s3, admin
rgw max put size = ${MAX_PUT_BYTES}
rgw thread pool size = 64
rgw enable usage log = false
rgw dynamic resharding = false
`
}

// Ceph wants three copies on three machines unless told otherwise.
const ONE_OF_EACH = `osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 1
osd pool default pgp num = 1
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
mon allow pool size one = true
mon max pg per osd = 1000`

// The monitor refuses to run on a disk that is nearly full, though this cluster hardly writes to it.
const IN_MEMORY = `osd objectstore = memstore
memstore device bytes = ${STORE_BYTES}
mon data avail crit = 0
mon data avail warn = 0`

// A daemon whose port was taken would try again for 15 seconds; the launcher rather takes another port.
const QUICK = `ms bind retry count = 1
ms bind retry delay = 0
paxos propose interval = 0.02
paxos min wait = 0.01
mon tick interval = 1
mon clock drift allowed = 1
debug mon = 0
debug osd = 0
debug rgw = 0
debug rocksdb = 0
debug ms = 0`
