/**
 * A TCP proxy in front of a server, with faults that can be set and cleared at any time.
 *
 * It leaves bytes, and so signatures, as they are. A signed S3 request includes its `Host` header with the port, so
 * the client signs the address it is told: give it the proxy's (`connectionThrough(proxy, server)`), with path style.
 * That works because Ceph and Miniflare verify the signature over the `Host` header that arrives and do not compare it
 * with an address of their own. A service that routes by its own host name (AWS) must be told by that name instead:
 * keep its endpoint in the client and resolve the name to the proxy.
 */
import { once } from "node:events"
import { createServer, type AddressInfo, type Socket } from "node:net"
import { FaultConnection } from "./fault-connection.ts"
import { noFaults, takeOne, type FaultCounts } from "./faults.ts"

/** Faults last until `clear()` unless told how many `times`. Those set one after another apply together. */
export interface FaultProxy {
  host: string
  port: number
  /** `http://<host>:<port>` */
  endpoint: string

  /** Delays bytes by this many milliseconds in each direction, so a request and its answer by twice as many. */
  latency(milliseconds: number): void
  /** Lets so many bytes per second pass, in each direction of each connection. */
  rate(bytesPerSecond: number): void
  /**
   * Resets a client's connection once `up` bytes went to the server, or `down` bytes to the client: on a live
   * connection counted from now. With 0 the reset comes in place of the first byte, so `down: 0` loses the answer to a
   * request that the server carried out.
   */
  resetAfter(limit: { up?: number; down?: number; times?: number }): void
  /** Resets live connections, and new ones as soon as they are opened (`times` of them). */
  refuse(options?: { times?: number }): void
  /** Nothing moves, on live connections and on new ones. What was sent arrives after `clear()`. */
  freeze(): void
  /** Takes bytes in both directions and throws them away. `clear()` resets the connections that lost some. */
  blackhole(): void
  /**
   * Answers the next requests with 503 SlowDown; the server sees nothing of them. `retryAfter` is in seconds. The
   * body is taken first, unless the client waits for `100 Continue`; the connection stays usable then.
   */
  answer503(options?: { times?: number; retryAfter?: number }): void
  /** Ends all faults. */
  clear(): void

  /** What happened since the start, or since `resetCounts()`. */
  counts(): FaultCounts
  resetCounts(): void
  /** Ends all connections and gives the port back. */
  stop(): Promise<void>
}

const NO_COUNTS: FaultCounts = {
  connections: 0,
  requests: 0,
  bytesUp: 0,
  bytesDown: 0,
  bytesSwallowed: 0,
  bytesHeld: 0,
  resets: 0,
  refusals: 0,
  answers: 0,
}

/** Starts a proxy on a free port of 127.0.0.1. The target may be absent; clients then see a reset. */
export async function startFaultProxy(target: { host: string; port: number }): Promise<FaultProxy> {
  const faults = noFaults()
  const counts = { ...NO_COUNTS }
  const live = new Set<FaultConnection>()
  const wake = (): void => live.forEach((connection) => connection.wake())
  const set = (change: Partial<typeof faults>): void => {
    Object.assign(faults, change)
    wake()
  }

  const listener = createServer({ allowHalfOpen: true }, (client: Socket) => {
    counts.connections += 1
    if (takeOne(faults, "refusing")) {
      counts.refusals += 1
      client.on("error", () => {}).resetAndDestroy()
      return
    }
    const onClose = (): boolean => live.delete(connection)
    const connection = new FaultConnection({ client, target, faults, counts, onClose })
    live.add(connection)
  })
  listener.listen(0, "127.0.0.1")
  await once(listener, "listening")
  const { address: host, port } = listener.address() as AddressInfo

  return {
    host,
    port,
    endpoint: `http://${host}:${port}`,
    latency: (milliseconds) => set({ latency: atLeast(0, milliseconds) }),
    rate: (bytesPerSecond) => set({ rate: atLeast(1, bytesPerSecond) }),
    resetAfter: ({ up = Infinity, down = Infinity, times = Infinity }) =>
      set({ reset: { up: atLeast(0, up), down: atLeast(0, down), times: atLeast(1, times) } }),
    refuse: ({ times = Infinity } = {}) => {
      set({ refusing: { times: atLeast(1, times) } })
      live.forEach((connection) => connection.reset())
    },
    freeze: () => set({ frozen: true }),
    blackhole: () => set({ swallowing: true }),
    answer503: ({ times = Infinity, retryAfter } = {}) => set({ answer: { times: atLeast(1, times), retryAfter } }),
    clear: () => {
      Object.assign(faults, noFaults())
      for (const connection of live) if (connection.lost) connection.reset()
      wake()
    },
    counts: () => ({ ...counts }),
    resetCounts: () => Object.assign(counts, NO_COUNTS, { bytesHeld: counts.bytesHeld }),
    stop: async () => {
      const closed = listener.listening ? once(listener, "close") : undefined
      listener.close()
      live.forEach((connection) => connection.reset())
      await closed
    },
  }
}

function atLeast(least: number, value: number): number {
  if (!(value >= least)) throw new RangeError(`${value} is not a number of at least ${least}`)
  return value
}
