/** A bucket's CORS configuration. It concerns the XML API only. https://cloud.google.com/storage/docs/cross-origin */
import type { AnswerHeaders, Exchange } from "./exchange.ts"
import type { Bucket, CorsRule } from "./object-store.ts"

export function corsHeaders(bucket: Bucket | undefined, exchange: Exchange): AnswerHeaders {
  const origin = exchange.header("origin")
  if (origin === undefined) return {}
  const rule = findRule(bucket, origin, exchange.method)
  if (!rule) return {}
  const exposed = rule.responseHeader ?? []
  return {
    "access-control-allow-origin": allowedOrigin(rule, origin),
    ...(exposed.length > 0 ? { "access-control-expose-headers": exposed.join(", ") } : {}),
    vary: "Origin",
  }
}

/** A browser's question before a request. Without a rule that allows it the answer has no headers. */
export function answerPreflight(bucket: Bucket | undefined, exchange: Exchange): Promise<void> {
  const origin = exchange.header("origin") ?? ""
  const method = exchange.header("access-control-request-method") ?? ""
  const rule = findRule(bucket, origin, method)
  if (!rule) return exchange.send(200)
  const wanted = (exchange.header("access-control-request-headers") ?? "").split(",").map((each) => each.trim())
  const known = new Set((rule.responseHeader ?? []).map((each) => each.toLowerCase()))
  const allowed = wanted.filter((each) => each !== "" && (known.has("*") || known.has(each.toLowerCase())))
  return exchange.send(200, {
    "access-control-allow-origin": allowedOrigin(rule, origin),
    "access-control-allow-methods": (rule.method ?? []).join(", "),
    ...(allowed.length > 0 ? { "access-control-allow-headers": allowed.join(", ") } : {}),
    "access-control-max-age": String(rule.maxAgeSeconds ?? 3600),
    vary: "Origin",
  })
}

function findRule(bucket: Bucket | undefined, origin: string, method: string): CorsRule | undefined {
  return bucket?.options.cors?.find((rule) => {
    const allows = (list: string[] | undefined, value: string): boolean =>
      list?.includes("*") === true || list?.includes(value) === true
    return allows(rule.origin, origin) && allows(rule.method, method)
  })
}

function allowedOrigin(rule: CorsRule, origin: string): string {
  return rule.origin?.includes("*") ? "*" : origin
}
