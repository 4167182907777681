import { once } from "node:events"
import { createServer, type AddressInfo } from "node:net"

// The system may hand out a port again as soon as its listener is closed, so two servers that start at the same time
// could be given the same one.
const handedOut = new Set<number>()

/** A TCP port on 127.0.0.1 that nothing listens on. Another process can still take it before it is used. */
export async function freePort(): Promise<number> {
  for (;;) {
    const listener = createServer().listen(0, "127.0.0.1")
    await once(listener, "listening")
    const { port } = listener.address() as AddressInfo
    listener.close()
    await once(listener, "close")
    if (handedOut.has(port)) continue
    handedOut.add(port)
    return port
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
