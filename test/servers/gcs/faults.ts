/** Faults that a test asks for. Each is met by the next requests of its operation, until `clear()` or `times`. */
export interface Fault {
  /** Names of operations as `requests` has them, such as "objects.insert"; default: every operation. */
  operation?: string | RegExp
  /** How many requests meet it; default: all. */
  times?: number
  /** Answers so instead of carrying the request out. */
  status?: number
  /** Seconds, in the header `Retry-After` beside `status`. */
  retryAfter?: number
  /** Resets the connection when so many bytes of the body were taken. */
  resetAfterUploaded?: number
  /** Resets the connection when so many bytes of the body were answered. */
  resetAfterDownloaded?: number
  /** Carries the request out, then resets the connection in place of the answer. */
  loseAnswer?: boolean
  /** Changes one byte of what is sent, not of what is stored. */
  corruptDownload?: boolean
  /** Changes one byte of the body that arrives, as if it had changed on the way. */
  corruptStored?: boolean
  /** Milliseconds before anything happens. */
  delay?: number
}

export interface GcsFaults {
  add(fault: Fault): void
  clear(): void
}

export class Faults implements GcsFaults {
  #faults: { fault: Fault; left: number }[] = []

  add(fault: Fault): void {
    this.#faults.push({ fault, left: fault.times ?? Infinity })
  }

  clear(): void {
    this.#faults = []
  }

  /** The oldest fault for this operation, used up by one. */
  take(operation: string): Fault {
    const found = this.#faults.find(({ fault }) => matches(fault.operation, operation))
    if (!found) return {}
    found.left -= 1
    if (found.left <= 0) this.#faults = this.#faults.filter((each) => each !== found)
    return found.fault
  }
}

function matches(wanted: string | RegExp | undefined, operation: string): boolean {
  if (wanted === undefined) return true
  return typeof wanted === "string" ? wanted === operation : wanted.test(operation)
}
