/** The faults in force and what was counted, shared by a proxy's connections. */
export interface Faults {
  /** Milliseconds that bytes are under way, in each direction. */
  latency: number
  /** Bytes per second that pass, in each direction of each connection. */
  rate: number | undefined
  frozen: boolean
  swallowing: boolean
  refusing: { times: number } | undefined
  reset: ResetRule | undefined
  answer: AnswerRule | undefined
}

export interface ResetRule {
  /** Bytes that may still pass in each direction of each connection. */
  up: number
  down: number
  /** How many resets are left. */
  times: number
}

export interface AnswerRule {
  /** How many answers are left. */
  times: number
  /** Seconds. */
  retryAfter: number | undefined
}

export interface FaultCounts {
  /** Connections that clients opened, also those that were refused. */
  connections: number
  /** HTTP/1.1 request heads that arrived whole, also those that were answered here. */
  requests: number
  /** Bytes passed on to the server. */
  bytesUp: number
  /** Bytes passed on, or answered, to clients. */
  bytesDown: number
  /** Bytes that were taken and never passed on: by `blackhole()` in both directions, or of requests answered here. */
  bytesSwallowed: number
  /** Bytes that arrived and wait at the proxy now: for latency, rate, a freeze, or a slow reader. */
  bytesHeld: number
  /** Connections ended by `resetAfter()`. */
  resets: number
  /** Requests answered here. */
  answers: number
  /** Connections reset at once by `refuse()`. */
  refusals: number
}

export function noFaults(): Faults {
  return {
    latency: 0,
    rate: undefined,
    frozen: false,
    swallowing: false,
    refusing: undefined,
    reset: undefined,
    answer: undefined,
  }
}

/** The rule in force, used up by one. */
export function takeOne<Name extends "answer" | "reset" | "refusing">(faults: Faults, name: Name): Faults[Name] {
  const rule = faults[name]
  if (!rule) return undefined
  rule.times -= 1
  if (rule.times <= 0) faults[name] = undefined
  return rule
}
