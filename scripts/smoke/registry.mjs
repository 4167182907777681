// Verdaccio: a registry on this machine, for a rehearsal of the release.
import { once } from "node:events"
import { mkdirSync, writeFileSync } from "node:fs"
import { createServer } from "node:http"
import { createRequire } from "node:module"
import { join } from "node:path"
import { run } from "./run.mjs"
import { VERDACCIO } from "./versions.mjs"

/** Installs Verdaccio into a folder. */
export async function installRegistry(folder) {
  mkdirSync(folder, { recursive: true })
  // A tag that a dependency of it names is not on every registry.
  const overrides = { "node-fetch": "^2.7.0" }
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, overrides }))
  await run("npm", ["install", "--no-audit", "--no-fund", "--loglevel=error", VERDACCIO], { cwd: folder })
}

/** Starts it on a free port of 127.0.0.1; what it does not have, it takes from the registry that npm is set to. */
export async function startRegistry(folder) {
  const upstream = (await run("npm", ["config", "get", "registry"], { cwd: folder })).stdout.trim()
  const storage = join(folder, "storage")
  const { runServer } = createRequire(join(folder, "package.json"))("verdaccio")
  const app = await runServer({
    storage,
    configPath: join(folder, "config.yaml"),
    auth: { htpasswd: { file: join(folder, "htpasswd") } },
    uplinks: { upstream: { url: upstream, cache: true } },
    packages: {
      "@node-storages/*": { access: "$all", publish: "$authenticated" },
      "node-storages": { access: "$all", publish: "$authenticated" },
      "**": { access: "$all", proxy: "upstream" },
    },
    log: { type: "stdout", format: "json", level: "fatal" },
    web: { enable: false },
  })
  const server = (app.listen ? app : createServer(app)).listen(0, "127.0.0.1")
  await once(server, "listening")
  const url = `http://127.0.0.1:${server.address().port}/`
  return { url, token: await addUser(url), stop: () => server.close() }
}

async function addUser(url) {
  const user = { name: "releaser", password: "a password of a rehearsal", type: "user", roles: [] }
  const response = await fetch(new URL("-/user/org.couchdb.user:releaser", url), {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(user),
  })
  if (!response.ok) throw new Error(`Verdaccio did not take a user: ${response.status} ${await response.text()}`)
  return (await response.json()).token
}
