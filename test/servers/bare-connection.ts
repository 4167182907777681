import { once } from "node:events"
import { connect, createServer, type AddressInfo, type Socket } from "node:net"
import { onTestFinished } from "vitest"
import { startFaultProxy, type FaultProxy } from "./fault-proxy.ts"

export interface BareConnection {
  proxy: FaultProxy
  client: Socket
  arrived(): string
  pauseServer(): void
  /** Sends the last bytes; fulfilled when the server's socket is closed. */
  endServer(bytes: string): Promise<unknown>
}

/** A client, a proxy and a server that speak no protocol. The server keeps what it gets. */
export async function bareConnection({ allowHalfOpen = false } = {}): Promise<BareConnection> {
  let bytes = ""
  const server = createServer({ allowHalfOpen })
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  const bare = await startFaultProxy({ host: "127.0.0.1", port: (server.address() as AddressInfo).port })
  const connected = once(server, "connection")
  const client = connect({ host: bare.host, port: bare.port, allowHalfOpen }).on("error", () => {})
  const [socket] = (await connected) as [Socket]
  socket.on("error", () => {}).on("data", (chunk) => (bytes += chunk.toString()))
  onTestFinished(async () => {
    client.destroy()
    await bare.stop()
    socket.destroy()
    server.close()
  })
  const endServer = (last: string): Promise<unknown> => once(socket.end(last), "close")
  return { proxy: bare, client, arrived: () => bytes, pauseServer: () => socket.pause(), endServer }
}
