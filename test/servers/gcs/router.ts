/** Which operation a request is. What is none of the JSON API is a bucket in the XML API. */
import { checkAccess } from "./access.ts"
import type { GcsContext } from "./context.ts"
import type { Exchange } from "./exchange.ts"
import { jsonRoute } from "./json-routes.ts"
import { decodePart } from "./object-names.ts"
import { answerSignBlob, answerToken } from "./tokens.ts"
import { xmlRoute } from "./xml-routes.ts"

export interface Route {
  /** As the request log and the faults name it. */
  operation: string
  api: "json" | "xml"
  carryOut: () => Promise<void>
}

export function findRoute(exchange: Exchange, context: GcsContext): Route {
  return accountRoute(exchange, context) ?? jsonRoute(exchange, context) ?? xmlRoute(exchange, context)
}

function accountRoute(exchange: Exchange, { accounts }: GcsContext): Route | undefined {
  if (exchange.method !== "POST") return undefined
  if (exchange.path === "/token") {
    return { operation: "token", api: "json", carryOut: () => answerToken(exchange, accounts) }
  }
  const [, email] = /^\/v1\/projects\/-\/serviceAccounts\/([^/]+):signBlob$/.exec(exchange.path) ?? []
  if (email === undefined) return undefined
  const carryOut = async (): Promise<void> => {
    checkAccess(accounts.callerOf(exchange.header("authorization")), "iam.serviceAccounts.signBlob")
    await answerSignBlob(exchange, decodePart(email), accounts)
  }
  return { operation: "signBlob", api: "json", carryOut }
}
