import type { S3Client } from "@aws-sdk/client-s3"

/** Beyond it services refuse a signature, and one that was corrected is worth another attempt. In milliseconds. */
const SKEWED = 240_000
/** An answer this late says nothing of the clock any more. In milliseconds. */
const TOO_LATE = 900_000

/**
 * The service's time as far as it is known, in the place where the official client keeps it: whoever notices that this
 * machine's clock is wrong corrects it for all.
 */
export class ClockReading {
  readonly #config: S3Client["config"]
  readonly #corrects: boolean
  readonly #before: number
  readonly #sentAt: number = Date.now()

  /** Taken when a request is signed. */
  constructor(config: S3Client["config"], corrects: boolean) {
    this.#config = config
    this.#corrects = corrects
    this.#before = config.systemClockOffset
  }

  /** When the request is signed, by the service's clock. */
  get signedAt(): Date {
    return new Date(this.#corrects ? this.#sentAt + this.#before : this.#sentAt)
  }

  /** Learns from an answer. @returns whether the request was refused for a clock that is right now */
  learn(headers: Readonly<Record<string, string>>, serverTime: string | undefined = headers["date"]): boolean {
    if (!this.#corrects || serverTime === undefined) return false
    const time = Date.parse(serverTime)
    const now = Date.now()
    // An answer out of a cache tells when it was made.
    const tells = !Number.isNaN(time) && headers["age"] === undefined && now - this.#sentAt <= TOO_LATE
    if (tells) this.#config.systemClockOffset = time - now
    const offset = this.#config.systemClockOffset
    return Math.abs(offset) >= SKEWED && offset !== this.#before
  }
}
