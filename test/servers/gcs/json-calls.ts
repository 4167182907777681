import type { GcsContext } from "./context.ts"
import type { Exchange } from "./exchange.ts"
import type { JsonAnswer, ObjectCall } from "./json-objects.ts"

/** What a request says about the object that it concerns. */
export function callOf(
  exchange: Exchange,
  { store, accounts }: GcsContext,
  bucket: string,
  name: string,
): Omit<ObjectCall, "body"> {
  const { query, origin } = exchange
  const userProject = query.get("userProject") ?? exchange.header("x-goog-user-project")
  const caller = accounts.callerOf(exchange.header("authorization"))
  return { store, caller, origin, userProject, bucket, name, query }
}

export function sendAnswer(exchange: Exchange, { status, json }: JsonAnswer): Promise<void> {
  return json === undefined ? exchange.send(status) : exchange.sendJson(status, json)
}
