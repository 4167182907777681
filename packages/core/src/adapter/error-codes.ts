import type { StorageErrorCode } from "../errors.ts"

const BY_STATUS: Readonly<Record<number, StorageErrorCode>> = {
  301: "wrong-region",
  307: "wrong-region",
  401: "unauthenticated",
  403: "permission-denied",
  404: "not-found",
  405: "unsupported",
  408: "network",
  409: "conflict",
  412: "precondition-failed",
  429: "rate-limited",
  501: "unsupported",
  503: "rate-limited",
  507: "no-space",
}

/** What an HTTP status says of a failure, where the service says nothing more exact. */
export function codeOfStatus(status: number | undefined): StorageErrorCode | undefined {
  if (status === undefined) return undefined
  return BY_STATUS[status] ?? (status >= 500 ? "unavailable" : undefined)
}

/** Codes of Node's sockets, DNS and TLS. */
const NETWORK =
  /^(E(CONN|PIPE|AI_|TIMEDOUT|HOST|NET|NOTFOUND|PROTO)|UND_ERR|ERR_(SSL|TLS|STREAM_PREMATURE_CLOSE)|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|HPE_)/

/** Whether an error is one of Node's connections. */
export function isNetworkError(error: unknown): boolean {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown }
  if (typeof code === "string" && NETWORK.test(code)) return true
  return typeof message === "string" && /socket hang up|^aborted$/.test(message)
}

/** The value of a Retry-After header in seconds; undefined where it is missing or a date. */
export function retryAfterOf(header: string | null | undefined): number | undefined {
  const seconds = header ? Number(header) : Number.NaN
  return Number.isFinite(seconds) && seconds >= 0 ? seconds : undefined
}
