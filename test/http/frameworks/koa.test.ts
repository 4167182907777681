import { once } from "node:events"
import { json } from "node:stream/consumers"
import { koaStorage } from "@node-storages/http/koa"
import Koa, { type ParameterizedContext } from "koa"
import { describeFramework } from "./framework-suite.ts"
import { OWN_404 } from "./site.ts"
import { stopped } from "./stopped.ts"

interface State {
  user?: string | undefined
}

describeFramework({
  name: "Koa 3",
  start: async (site, port) => {
    const app = new Koa<State>()
    // It prints the errors of connections that clients break off.
    app.silent = true
    app.use(async (context, next) => {
      context.state.user = context.get("x-user") || undefined
      context.set("X-App", "yes")
      await next()
    })
    app.use(koaStorage(site.media, { ...site.mediaOptions, prefix: "/media/" }))
    const userOf = (context: ParameterizedContext<State>) => context.state.user
    app.use(koaStorage(site.members, { ...site.memberOptions(userOf), prefix: "/private/" }))
    app.use(async (context) => {
      if (context.method === "POST" && context.path === "/echo") {
        context.body = await json(context.req)
      } else {
        context.status = 404
        context.body = OWN_404
      }
    })
    const server = app.listen(port, "127.0.0.1")
    await once(server, "listening")
    return () => stopped(server)
  },
})
