/** V4 signed policy documents of HTML forms. https://cloud.google.com/storage/docs/authentication/signatures#policy-document */
import { invalid } from "./errors.ts"
import * as v4 from "./v4-credential.ts"

/** Fields that no condition has to mention. */
const FREE_FIELDS = /^(?:x-goog-signature|file|policy|x-ignore-.*)$/

export interface PolicyOptions {
  /** That of the address the form was sent to. */
  bucket: string
  now: Date
  publicKeyOf: v4.PublicKeyOf
}

export interface VerifiedPolicy {
  account: string
  /** Bytes that the file must have. */
  sizeRange?: SizeRange
}

export interface SizeRange {
  least: number
  most: number
}

type Check = "eq" | "starts-with"
type Condition = { check: Check; field: string; value: string } | { check: "size"; range: SizeRange }

/** `fields` are those before the file; names in any case. Throws a GcsError for what the service would refuse. */
export function verifyPostPolicy(fields: Readonly<Record<string, string>>, options: PolicyOptions): VerifiedPolicy {
  const { bucket, now, publicKeyOf } = options
  const sent = new Map(Object.entries(fields).map(([name, value]) => [name.toLowerCase(), value]))
  const policy = sent.get("policy") ?? ""
  const { account, publicKey, signedAt } = v4.readCredential(
    {
      algorithm: sent.get("x-goog-algorithm"),
      credential: sent.get("x-goog-credential"),
      date: sent.get("x-goog-date"),
    },
    publicKeyOf,
  )
  if (!v4.isSignedBy(publicKey, policy, sent.get("x-goog-signature") ?? "")) {
    throw v4.signatureDoesNotMatch({ StringToSign: policy })
  }
  const { expiration, conditions } = parsePolicy(policy)
  if (expiration.getTime() - signedAt.getTime() > v4.LONGEST_VALIDITY_SECONDS * 1000) {
    throw invalidDocument("The expiration is over seven days after x-goog-date.")
  }
  v4.checkTime(signedAt, expiration, now)
  checkConditions(sent, conditions, bucket)
  const size = conditions.find((condition) => condition.check === "size")
  return { account, ...(size ? { sizeRange: size.range } : {}) }
}

function checkConditions(sent: ReadonlyMap<string, string>, conditions: readonly Condition[], bucket: string): void {
  const all = new Map(sent).set("bucket", sent.get("bucket") ?? bucket)
  const named = new Set<string>()
  for (const condition of conditions) {
    if (condition.check === "size") continue
    const { check, field, value } = condition
    named.add(field)
    const actual = all.get(field)
    const holds = check === "eq" ? actual === value : actual?.startsWith(value)
    if (!holds) throw unmet(`Failed condition: ["${check}", "$${field}", "${value}"]`)
  }
  const unnamed = [...sent.keys()].filter((field) => !FREE_FIELDS.test(field) && !named.has(field))
  if (unnamed.length > 0) throw unmet(`Policy did not reference these fields: ${unnamed.join(", ")}`)
}

function parsePolicy(encoded: string): { expiration: Date; conditions: Condition[] } {
  let policy: { expiration?: unknown; conditions?: unknown }
  try {
    policy = JSON.parse(Buffer.from(encoded, "base64").toString()) as typeof policy
  } catch {
    throw invalidDocument("Policy document parsing error")
  }
  const expiration = new Date(String(policy.expiration))
  if (Number.isNaN(expiration.getTime())) throw invalidDocument("The policy has no expiration.")
  if (!Array.isArray(policy.conditions)) throw invalidDocument("The policy has no conditions.")
  return { expiration, conditions: policy.conditions.flatMap(parseCondition) }
}

function parseCondition(condition: unknown): Condition[] {
  if (!Array.isArray(condition)) {
    if (typeof condition !== "object" || condition === null) throw invalidDocument("A condition is no object.")
    const pairs = Object.entries(condition)
    return pairs.map(([field, value]) => ({ check: "eq", field: field.toLowerCase(), value: String(value) }))
  }
  const [check, first, second, ...rest] = condition as unknown[]
  if (check === "content-length-range" && isCount(first) && isCount(second) && rest.length === 0) {
    return [{ check: "size", range: { least: first, most: second } }]
  }
  if ((check !== "eq" && check !== "starts-with") || rest.length > 0) {
    throw invalidDocument(`Not a condition: ${JSON.stringify(condition)}`)
  }
  if (typeof first !== "string" || !first.startsWith("$") || typeof second !== "string") {
    throw invalidDocument(`Not a condition: ${JSON.stringify(condition)}`)
  }
  return [{ check, field: first.slice(1).toLowerCase(), value: second }]
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

function unmet(details: string): Error {
  const message = "The content of the form does not meet the conditions specified in the policy document."
  return invalid(message, "InvalidPolicyDocument", details)
}

function invalidDocument(details: string): Error {
  return invalid("The policy document is not valid.", "InvalidPolicyDocument", details)
}
