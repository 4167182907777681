import { once } from "node:events"
import { createServer } from "node:http"
import { nodeHandler } from "@node-storages/http"
import express, { type Request } from "express"
import { describeFramework } from "./framework-suite.ts"
import { OWN_404 } from "./site.ts"
import { stopped } from "./stopped.ts"

interface UserRequest extends Request {
  user?: string | undefined
}

describeFramework({
  name: "Express 5",
  start: async (site, port) => {
    const app = express()
    app.use((request: UserRequest, response, next) => {
      request.user = request.get("x-user")
      response.set("X-App", "yes")
      next()
    })
    app.use("/media", nodeHandler(site.media, site.mediaOptions))
    app.use(
      "/private",
      nodeHandler(
        site.members,
        site.memberOptions((request: UserRequest) => request.user),
      ),
    )
    app.use(express.json())
    app.post("/echo", (request, response) => void response.json(request.body))
    app.use((_, response) => void response.status(404).send(OWN_404))
    const server = createServer(app)
    await once(server.listen(port, "127.0.0.1"), "listening")
    return () => stopped(server)
  },
})
