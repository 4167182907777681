import { once } from "node:events"
import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { collect, type CollectReport } from "@node-storages/static"
import { createApp } from "./app.ts"
import { addSamples } from "./sample-content.ts"
import { staticFilesFor } from "./static.config.ts"
import { storagesIn } from "./storages.config.ts"

export interface Started {
  readonly url: string
  readonly collected: CollectReport
  readonly server: Server
}

/**
 * Collects the static files, which is a step of each deploy, and starts the app on them.
 * @param folder where the three storages keep their files
 * @param port 0 takes one that is free
 */
export async function start(folder: string, port: number): Promise<Started> {
  const storages = storagesIn(folder)
  const collected = await collect(staticFilesFor(storages.static))
  await addSamples(storages.media, storages.documents)
  const server = createServer(await createApp(storages))
  await once(server.listen(port, "127.0.0.1"), "listening")
  return { url: `http://localhost:${(server.address() as AddressInfo).port}`, collected, server }
}
