/** What the service answers instead of carrying a request out, in the shape of either of its APIs. */
export interface GcsErrorDetails {
  /** The word in `errors[].reason` of the JSON API. */
  reason: string
  message: string
  /** The `<Code>` of the XML API. */
  code: string
  /** `<Details>` of the XML API. */
  details?: string
  /** What the client must send otherwise: `errors[].location`. */
  header?: string
  headers?: Record<string, string>
  /** Further elements of the XML API's answer. */
  elements?: Record<string, string>
}

export class GcsError extends Error {
  readonly status: number
  readonly reason: string
  readonly code: string
  readonly details: string | undefined
  readonly headers: Record<string, string>
  readonly #header: string | undefined
  readonly #elements: Record<string, string>

  constructor(
    status: number,
    { reason, message, code, details, header, headers = {}, elements = {} }: GcsErrorDetails,
  ) {
    super(message)
    this.status = status
    this.reason = reason
    this.code = code
    this.details = details
    this.headers = headers
    this.#header = header
    this.#elements = elements
  }

  toJson(): unknown {
    const location = this.#header === undefined ? {} : { locationType: "header", location: this.#header }
    const { status, message, reason } = this
    return { error: { code: status, message, errors: [{ message, domain: "global", reason, ...location }] } }
  }

  toXml(): string {
    const elements = { Code: this.code, Message: this.message, ...this.#elements }
    const all = Object.entries(this.details === undefined ? elements : { ...elements, Details: this.details })
    const body = all.map(([name, value]) => `<${name}>${escapeXml(value)}</${name}>`).join("")
    return `<?xml version='1.0' encoding='UTF-8'?><Error>${body}</Error>`
  }
}

export function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")
}

export function invalid(message: string, code = "InvalidArgument", details?: string): GcsError {
  return new GcsError(400, { reason: "invalid", message, code, ...(details === undefined ? {} : { details }) })
}

export function required(message: string, code = "InvalidArgument"): GcsError {
  return new GcsError(400, { reason: "required", message, code })
}

export function bucketNotFound(): GcsError {
  return new GcsError(404, {
    reason: "notFound",
    message: "The specified bucket does not exist.",
    code: "NoSuchBucket",
  })
}

export function objectNotFound(bucket: string, name: string): GcsError {
  return new GcsError(404, {
    reason: "notFound",
    message: `No such object: ${bucket}/${name}`,
    code: "NoSuchKey",
    details: `No such object: ${bucket}/${name}`,
  })
}

export function notServed(what: string): GcsError {
  return new GcsError(404, { reason: "notFound", message: `Not Found: ${what}`, code: "NoSuchKey" })
}

export function conditionNotMet(): GcsError {
  const message = "At least one of the pre-conditions you specified did not hold."
  return new GcsError(412, { reason: "conditionNotMet", message, code: "PreconditionFailed", header: "If-Match" })
}

export function notModified(): GcsError {
  return new GcsError(304, { reason: "notModified", message: "Not Modified", code: "NotModified" })
}

/** The cloud would do something with it; rather fail than let a client believe that it was done. */
export function notCovered(what: string): GcsError {
  const message = `${what} is not covered by this test server.`
  return new GcsError(501, { reason: "notImplemented", message, code: "NotImplemented" })
}

/** The connection is gone, there is nobody to answer. */
export class ConnectionLost extends Error {}
