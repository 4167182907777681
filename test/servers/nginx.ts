/** nginx as Debian packages it, on loopback, with the configuration of a test; needs no root once it is installed. */
import { existsSync } from "node:fs"
import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { setTimeout as delay } from "node:timers/promises"
import { type DebianProgram, installPrograms } from "./debian-packages.ts"
import { freePort } from "./free-port.ts"
import { ProcessGroup } from "./process-group.ts"
import { findProgram } from "./programs.ts"

const NGINX: DebianProgram = {
  title: "nginx",
  programs: ["nginx"],
  packages: ["nginx", "libnginx-mod-http-brotli-static"],
}
const BROTLI = "/usr/lib/nginx/modules/ngx_http_brotli_static_module.so"
const START_LIMIT_MS = 20_000

export interface NginxServer {
  /** `http://127.0.0.1:<port>` */
  readonly origin: string
  stop(): Promise<void>
}

/**
 * Starts nginx, installed first where that is possible.
 * @param configuration what stands in its `http` block, by the port
 * @throws Error in whose first line is why there is none
 */
export async function startNginx(configuration: (port: number) => string): Promise<NginxServer> {
  await installPrograms(NGINX)
  const port = await freePort()
  const group = new ProcessGroup("node-storages-nginx-")
  try {
    const file = join(group.folder, "nginx.conf")
    await writeFile(file, nginxConfiguration(group.folder, configuration(port)))
    group.start("nginx", [findProgram("nginx")!, "-e", "stderr", "-c", file])
    const origin = `http://127.0.0.1:${port}`
    await Promise.race([answers(origin), group.failure])
    return { origin, stop: () => group.stop() }
  } catch (error) {
    const said = group.lastLines()
    await group.stop()
    throw new Error(`nginx did not start: ${(error as Error).message}\n${said}`, { cause: error })
  }
}

async function answers(origin: string): Promise<void> {
  for (const end = Date.now() + START_LIMIT_MS; Date.now() < end; await delay(20)) {
    const answer = await fetch(origin).catch(() => undefined)
    if (answer !== undefined) return
  }
  throw new Error(`it does not answer after ${START_LIMIT_MS / 1000} s`)
}

function nginxConfiguration(folder: string, http: string): string {
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
  return [
    ...(existsSync(BROTLI) ? [`load_module ${BROTLI};`] : []),
    "daemon off;",
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
