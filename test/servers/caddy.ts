import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { CADDY } from "./debian-programs.ts"
import { findProgram } from "./programs.ts"
import { startWebServer, type WebServer } from "./web-server.ts"

/** Neither ports of its own nor certificates. */
const GLOBAL_OPTIONS = "{\n\tadmin off\n\tauto_https off\n}\n"

/**
 * Starts Caddy with the configuration of a test.
 * @param sites what stands in its Caddyfile after the global options, by the port
 * @throws Error in whose first line is why there is none
 */
export function startCaddy(sites: (port: number) => string): Promise<WebServer> {
  return startWebServer(CADDY, async (folder, port) => {
    const file = join(folder, "Caddyfile")
    await writeFile(file, GLOBAL_OPTIONS + sites(port))
    // It keeps a copy of its configuration in the user's folders.
    const places = [`XDG_CONFIG_HOME=${folder}`, `XDG_DATA_HOME=${folder}`]
    return [findProgram("env")!, ...places, findProgram("caddy")!, "run", "--config", file]
  })
}
