import { once } from "node:events"
import { createServer } from "node:net"

/**
 * Below those that systems choose by themselves: for who listens at port 0, and for each connection that goes out. One
 * of these would soon be somebody else's, before a server that starts slowly has taken it.
 */
const FIRST_PORT = 20_000
const PORTS = 12_000
/** So far apart begin two processes whose ids follow one another: tests run in several. */
const APART = 97

let next = (process.pid * APART) % PORTS

/** A TCP port on 127.0.0.1 that nothing listens on. Another process can still take it before it is used. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST_PORT + next
    next = (next + 1) % PORTS
    if (await isFree(port)) return port
  }
}

/** Whether nothing listens on that port of 127.0.0.1 now. */
export async function isFree(port: number): Promise<boolean> {
  const listener = createServer().listen(port, "127.0.0.1")
  try {
    await once(listener, "listening")
  } catch {
    return false
  }
  listener.close()
  await once(listener, "close")
  return true
}
