import type { IncomingMessage, ServerResponse } from "node:http"
import { nodeHandler } from "@node-storages/http"
import { NestFactory } from "@nestjs/core"
import type { NestExpressApplication } from "@nestjs/platform-express"
import { describeFramework } from "./framework-suite.ts"
import { App } from "./nest-app.ts"

interface UserRequest extends IncomingMessage {
  user?: string | undefined
}

describeFramework({
  name: "NestJS 12 on Express",
  own404: "Cannot GET /",
  start: async (site, port) => {
    const app = await NestFactory.create<NestExpressApplication>(App, { logger: false })
    app.use((request: UserRequest, response: ServerResponse, next: () => void) => {
      request.user = request.headers["x-user"]?.toString()
      response.setHeader("X-App", "yes")
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
    await app.listen(port, "127.0.0.1")
    return () => app.close()
  },
})
