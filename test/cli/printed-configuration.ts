import { symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { ROOT } from "../docs/markdown.ts"
import { temporaryFolder } from "../static/collect/site.ts"
import { runCommand } from "./run-command.ts"

/** Stands for the port that the server is given later. */
const PORT = 59_999

/**
 * What `storages nginx` or `storages caddy` prints in an app, for any port.
 * @param storages the entries of `defineStorages`, in TypeScript; that of the static files is `static`, and may use PORT
 */
export async function printedConfiguration(
  server: "nginx" | "caddy",
  storages: string,
  args: readonly string[] = [],
  options = "",
): Promise<(port: number) => string> {
  const folder = await temporaryFolder()
  symlinkSync(join(ROOT, "test/node_modules"), join(folder, "node_modules"), "junction")
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }')
  writeFileSync(
    join(folder, "storages.config.ts"),
    `import { defineStorages, LocalStorage } from "node-storages"
import { defineStatic } from "node-storages/static"
const PORT = ${PORT}
export const storages = defineStorages({ ${storages} })
export const staticConfig = defineStatic({ storage: storages.static, sources: ["assets"]${options} })
`,
  )
  const listen = server === "nginx" ? ["--listen", `127.0.0.1:${PORT}`] : []
  const { exitCode, stdout, stderr } = await runCommand([server, ...listen, ...args], { cwd: folder })
  if (exitCode !== 0) throw new Error(`storages ${server} ended with ${exitCode}:\n${stderr}`)
  return (port) => stdout.replaceAll(String(PORT), String(port))
}
