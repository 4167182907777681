import { fastifyStorage } from "@node-storages/http/fastify"
import fastify, { type FastifyRequest } from "fastify"
import { describeFramework } from "./framework-suite.ts"
import { OWN_404 } from "./site.ts"

declare module "fastify" {
  interface FastifyRequest {
    user: string | undefined
  }
}

describeFramework({
  name: "Fastify 5",
  start: async (site, port) => {
    const app = fastify()
    app.decorateRequest("user", undefined)
    app.addHook("onRequest", async (request, reply) => {
      request.user = request.headers["x-user"]?.toString()
      reply.header("X-App", "yes")
    })
    app.register(fastifyStorage(site.media, site.mediaOptions), { prefix: "/media" })
    const userOf = (request: FastifyRequest) => request.user
    app.register(fastifyStorage(site.members, site.memberOptions(userOf)), { prefix: "/private/" })
    app.post("/echo", async (request) => request.body)
    app.setNotFoundHandler((_, reply) => reply.code(404).send(OWN_404))
    await app.listen({ port, host: "127.0.0.1" })
    return () => app.close()
  },
})
