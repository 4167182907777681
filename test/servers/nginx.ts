import { existsSync } from "node:fs"
import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { NGINX } from "./debian-programs.ts"
import { findProgram } from "./programs.ts"
import { startWebServer, type WebServer } from "./web-server.ts"

const BROTLI = "/usr/lib/nginx/modules/ngx_http_brotli_static_module.so"

/**
 * Starts nginx with the configuration of a test.
 * @param configuration what stands in its `http` block, by the port
 * @throws Error in whose first line is why there is none
 */
export function startNginx(configuration: (port: number) => string): Promise<WebServer> {
  return startWebServer(NGINX, async (folder, port) => {
    const file = join(folder, "nginx.conf")
    await writeFile(file, wholeConfiguration(folder, configuration(port)))
    return [findProgram("nginx")!, "-e", "stderr", "-c", file]
  })
}

function wholeConfiguration(folder: string, http: string): string {
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
  return [
    ...(existsSync(BROTLI) ? [`load_module ${BROTLI};`] : []),
    "daemon off;",
    "master_process off;",
    `pid ${join(folder, "nginx.pid")};`,
    // The files of a test belong to the user who runs it.
    ...(process.getuid?.() === 0 ? ["user root;"] : []),
    "events {}",
    "http {",
    "  include /etc/nginx/mime.types;",
    "  access_log off;",
    ...temporary.map((name) => `  ${name}_temp_path ${join(folder, name)};`),
    http,
    "}",
  ].join("\n")
}
