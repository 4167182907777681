import type { Socket } from "node:net"
import { takeOne, type FaultCounts, type Faults, type ResetRule } from "./faults.ts"

/** Enough to be under way at once that latency alone does not decide the throughput. */
const MAX_QUEUED_BYTES = 4 * 1024 ** 2
/** A limited rate is kept by this many small steps a second. */
const STEPS_PER_SECOND = 20
const UNTIL_WOKEN = Infinity

/** What a direction needs of its connection. */
export interface DirectionOwner {
  readonly faults: Faults
  readonly counts: FaultCounts
  /** Nothing more is to pass in either direction. */
  halt(): void
  /** Ends the connection so that the client sees a reset. */
  reset(): void
  /** Bytes are missing from now on, so the connection can't be used again. */
  lose(): void
}

/** Bytes on their way from one socket to the other, as slowly and as far as the faults let them. */
export class FaultDirection {
  readonly #connection: DirectionOwner
  readonly #name: "up" | "down"
  readonly #source: Socket
  readonly #sink: Socket
  readonly #deliver: (bytes: Buffer) => void
  #queue: { bytes: Buffer; arrived: number }[] = []
  #queuedBytes = 0
  #ended = false
  #stopped = false
  /** When the rate allows the next step. */
  #freeAt = 0
  /** Bytes passed since the reset rule was seen first. */
  #reset: { rule: ResetRule | undefined; passed: number } = { rule: undefined, passed: 0 }
  #wake = (): void => {}

  constructor(
    connection: DirectionOwner,
    name: "up" | "down",
    source: Socket,
    sink: Socket,
    deliver: (bytes: Buffer) => void,
  ) {
    this.#connection = connection
    this.#name = name
    this.#source = source
    this.#sink = sink
    this.#deliver = deliver
    source.setNoDelay(true)
    source.on("data", (bytes: Buffer) => this.push(bytes)).on("end", () => this.pushEnd())
    sink.on("drain", () => this.wake())
    void this.#run()
  }

  push(bytes: Buffer): void {
    if (this.#ended || this.#stopped || bytes.length === 0) return
    this.#queue.push({ bytes, arrived: performance.now() })
    this.#queued(bytes.length)
    if (this.#queuedBytes > MAX_QUEUED_BYTES) this.#source.pause()
    this.wake()
  }

  pushEnd(): void {
    this.#ended = true
    this.wake()
  }

  stop(): void {
    this.#stopped = true
    this.#queue = []
    this.#queued(-this.#queuedBytes)
    this.wake()
  }

  wake(): void {
    this.#wake()
  }

  /** Writes to the sink, as far as the reset rule lets. */
  forward(bytes: Buffer): void {
    if (this.#stopped) return
    const { faults, counts } = this.#connection
    if (this.#reset.rule !== faults.reset) this.#reset = { rule: faults.reset, passed: 0 }
    const left = (faults.reset?.[this.#name] ?? Infinity) - this.#reset.passed
    const passing = bytes.subarray(0, left)
    counts[this.#name === "up" ? "bytesUp" : "bytesDown"] += passing.length
    this.#reset.passed += passing.length
    if (bytes.length < left) {
      this.#sink.write(passing)
      return
    }
    takeOne(faults, "reset")
    counts.resets += 1
    this.#connection.halt()
    this.#sink.write(passing, () => this.#connection.reset())
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      const wait = this.#step()
      if (wait > 0 && !this.#stopped) await this.#pause(wait)
    }
  }

  /** Moves what may move now. Returns the milliseconds until the next step. */
  #step(): number {
    const { faults } = this.#connection
    const first = this.#queue[0]
    if (faults.swallowing) return this.#swallow()
    if (faults.frozen) return UNTIL_WOKEN
    if (!first) {
      if (!this.#ended) return UNTIL_WOKEN
      this.#sink.end()
      this.#stopped = true
      return 0
    }
    const now = performance.now()
    const due = first.arrived + faults.latency
    if (due > now) return due - now
    if (faults.rate && this.#freeAt > now) return this.#freeAt - now
    if (this.#sink.writableNeedDrain) return UNTIL_WOKEN
    this.#deliver(this.#take(faults.rate, now))
    return 0
  }

  #take(rate: number | undefined, now: number): Buffer {
    const first = this.#queue[0] as { bytes: Buffer; arrived: number }
    const step = rate ? Math.max(1, Math.floor(rate / STEPS_PER_SECOND)) : first.bytes.length
    const bytes = first.bytes.subarray(0, step)
    first.bytes = first.bytes.subarray(step)
    if (first.bytes.length === 0) this.#queue.shift()
    if (rate) this.#freeAt = Math.max(now, this.#freeAt) + (bytes.length / rate) * 1000
    this.#queued(-bytes.length)
    if (this.#queuedBytes <= MAX_QUEUED_BYTES) this.#source.resume()
    return bytes
  }

  #swallow(): number {
    if (this.#queuedBytes > 0 || this.#ended) this.#connection.lose()
    this.#connection.counts.bytesSwallowed += this.#queuedBytes
    this.#queue = []
    this.#queued(-this.#queuedBytes)
    this.#source.resume()
    return UNTIL_WOKEN
  }

  #queued(change: number): void {
    this.#queuedBytes += change
    this.#connection.counts.bytesHeld += change
  }

  #pause(wait: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = wait === UNTIL_WOKEN ? undefined : setTimeout(() => this.#wake(), wait)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}
