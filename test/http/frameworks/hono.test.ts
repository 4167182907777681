import { once } from "node:events"
import type { Server } from "node:http"
import { serve } from "@hono/node-server"
import { honoStorage } from "@node-storages/http/hono"
import { type Context, Hono } from "hono"
import { describeFramework } from "./framework-suite.ts"
import { OWN_404 } from "./site.ts"
import { stopped } from "./stopped.ts"

interface Environment {
  Variables: { user: string | undefined }
}

describeFramework({
  name: "Hono 4",
  start: async (site, port) => {
    const app = new Hono<Environment>()
    app.use(async (context, next) => {
      context.set("user", context.req.header("x-user"))
      context.header("X-App", "yes")
      await next()
    })
    app.use("/media/*", honoStorage(site.media, { ...site.mediaOptions, prefix: "/media/" }))
    const userOf = (context: Context<Environment>) => context.get("user")
    app.use("/private/*", honoStorage(site.members, { ...site.memberOptions(userOf), prefix: "/private/" }))
    app.post("/echo", async (context) => context.json(await context.req.json()))
    app.notFound((context) => context.text(OWN_404, 404))
    const server = serve({ fetch: app.fetch, port, hostname: "127.0.0.1" }) as Server
    await once(server, "listening")
    return () => stopped(server)
  },
})
