import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { LIGHTTPD } from "./debian-programs.ts"
import { findProgram } from "./programs.ts"
import { startWebServer, type WebServer } from "./web-server.ts"

/**
 * Starts lighttpd with the configuration of a test.
 * @param configuration what stands behind the port and the folder of documents, which is empty
 * @throws Error in whose first line is why there is none
 */
export function startLighttpd(configuration: string): Promise<WebServer> {
  return startWebServer(LIGHTTPD, async (folder, port) => {
    const file = join(folder, "lighttpd.conf")
    const own = `server.document-root = "${folder}"\nserver.bind = "127.0.0.1"\nserver.port = ${port}\n`
    await writeFile(file, own + configuration)
    return [findProgram("lighttpd")!, "-D", "-f", file]
  })
}
