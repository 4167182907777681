import { once } from "node:events"
import type { Server } from "node:http"
import { type AddressInfo, isIPv6 } from "node:net"
import { CommandError } from "../../command-error.ts"
import { EXIT } from "../../exit-codes.ts"

interface Address {
  readonly host: string
  readonly port: number
}

/** @returns the origin: `http://127.0.0.1:8080`. @throws CommandError where nothing can listen there */
export async function listen(server: Server, { host, port }: Address): Promise<string> {
  try {
    server.listen({ host, port })
    await once(server, "listening")
  } catch (error) {
    throw refused(error, { host, port })
  }
  // All of this machine: the name that works on it.
  const shown = host === "0.0.0.0" || host === "::" ? "localhost" : isIPv6(host) ? `[${host}]` : host
  return `http://${shown}:${(server.address() as AddressInfo).port}`
}

/** Waits for Ctrl-C, then for the connections to be closed. */
export async function untilStopped(server: Server, signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, "abort")
  const closed = once(server, "close")
  server.close()
  server.closeAllConnections()
  await closed
}

/** Whether only this machine reaches it. */
export function isLoopback(host: string): boolean {
  return /^127(?:\.\d+){3}$|^localhost$|^::1$/i.test(host)
}

function refused(error: unknown, { host, port }: Address): CommandError {
  const { code, message } = error as NodeJS.ErrnoException
  const ways: Readonly<Record<string, string>> = {
    EADDRINUSE: `Port ${port} of ${host} is in use by another program. --port names another one, --port 0 takes any that is free.`,
    EACCES: `Port ${port} may not be used by this user: ports below 1024 are for administrators. --port 8080 takes another.`,
    EADDRNOTAVAIL: `${host} is no address of this machine. --host 127.0.0.1 is this machine alone, --host 0.0.0.0 all its addresses.`,
    ENOTFOUND: `--host ${host}: there is no such name. --host 127.0.0.1 is this machine alone, --host 0.0.0.0 all its addresses.`,
  }
  return new CommandError("not-listening", ways[code ?? ""] ?? message, EXIT.failed, error)
}
