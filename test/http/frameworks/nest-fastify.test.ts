import { nodeHandler } from "@node-storages/http"
import { fastifyStorage } from "@node-storages/http/fastify"
import { NestFactory } from "@nestjs/core"
import { FastifyAdapter, type NestFastifyApplication } from "@nestjs/platform-fastify"
import type { IncomingMessage, ServerResponse } from "node:http"
import type { FastifyRequest } from "fastify"
import { describeFramework } from "./framework-suite.ts"
import type { Site } from "./site.ts"
import { App } from "./nest-app.ts"

interface UserRequest extends IncomingMessage {
  user?: string | undefined
}

function addUser(request: UserRequest, response: ServerResponse, next: () => void): void {
  request.user = request.headers["x-user"]?.toString()
  response.setHeader("X-App", "yes")
  next()
}

function onFastify(name: string, mount: (app: NestFastifyApplication, site: Site) => unknown): void {
  describeFramework({
    name,
    own404: "Cannot GET /",
    start: async (site, port) => {
      const app = await NestFactory.create<NestFastifyApplication>(App, new FastifyAdapter(), { logger: false })
      app.use(addUser)
      await mount(app, site)
      await app.listen(port, "127.0.0.1")
      return () => app.close()
    },
  })
}

onFastify("NestJS 12 on Fastify, by the plugin", async (app, site) => {
  const userOf = (request: FastifyRequest) => (request.raw as UserRequest).user
  await app.register(fastifyStorage(site.media, site.mediaOptions), { prefix: "/media" })
  await app.register(fastifyStorage(site.members, site.memberOptions(userOf)), { prefix: "/private" })
})

onFastify("NestJS 12 on Fastify, as a middleware", (app, site) => {
  app.use("/media", nodeHandler(site.media, site.mediaOptions))
  app.use(
    "/private",
    nodeHandler(
      site.members,
      site.memberOptions((request: UserRequest) => request.user),
    ),
  )
})
