import { once } from "node:events"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import { json } from "node:stream/consumers"
import { nodeHandler } from "@node-storages/http"
import { describeFramework } from "./framework-suite.ts"
import { OWN_404 } from "./site.ts"
import { stopped } from "./stopped.ts"

async function ownRoutes(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method === "POST" && request.url === "/echo") response.end(JSON.stringify(await json(request)))
  else response.writeHead(404).end(OWN_404)
}

describeFramework({
  name: "node:http",
  start: async (site, port) => {
    const users = new WeakMap<IncomingMessage, string | undefined>()
    const media = nodeHandler(site.media, { ...site.mediaOptions, prefix: "/media/" })
    const userOf = (request: IncomingMessage) => users.get(request)
    const members = nodeHandler(site.members, { ...site.memberOptions(userOf), prefix: "/private/" })
    const server = createServer((request, response) => {
      users.set(request, request.headers["x-user"]?.toString())
      response.setHeader("X-App", "yes")
      const others = () => void members(request, response, () => void ownRoutes(request, response))
      void media(request, response, others)
    })
    await once(server.listen(port, "127.0.0.1"), "listening")
    return () => stopped(server)
  },
})
