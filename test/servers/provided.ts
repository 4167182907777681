/** The servers that the global set-up has started. To import this is to wait for them. */
import { told } from "./run-folder.ts"
import type { SharedServers } from "./shared-servers.ts"

const text = await told("servers")
if (text === undefined) throw new Error("Only Vitest's global set-up starts the servers that tests share.")
const servers = JSON.parse(text) as SharedServers | { readonly failure: string }
if ("failure" in servers) throw new Error(`The servers that tests share did not start: ${servers.failure}`)

/** How a test reaches a server of this run, or why there is none. */
export function provided<Name extends keyof SharedServers>(name: Name): SharedServers[Name] {
  return (servers as SharedServers)[name]
}
