import { connect, type Socket } from "node:net"
import { FaultDirection, type DirectionOwner } from "./fault-direction.ts"
import { takeOne, type AnswerRule, type FaultCounts, type Faults } from "./faults.ts"
import { RequestFollower, type RequestHead } from "./http-requests.ts"
import { slowDown } from "./slow-down.ts"

export interface FaultConnectionOptions {
  client: Socket
  target: { host: string; port: number }
  /** Shared with the proxy, which changes them; it calls `wake()` then. */
  faults: Faults
  counts: FaultCounts
  onClose: () => void
}

/** A client's connection and the one to the server that belongs to it. */
export class FaultConnection implements DirectionOwner {
  readonly faults: Faults
  readonly counts: FaultCounts
  readonly #client: Socket
  readonly #server: Socket
  readonly #up: FaultDirection
  readonly #down: FaultDirection
  readonly #requests = new RequestFollower()
  /** Set while the request that is arriving is to be answered here. */
  #answering: AnswerRule | undefined
  /** What to answer once the request has arrived to its end. */
  #answer: Buffer | undefined
  #lost = false

  constructor({ client, target, faults, counts, onClose }: FaultConnectionOptions) {
    this.faults = faults
    this.counts = counts
    this.#client = client
    this.#server = connect({ ...target, allowHalfOpen: true })
    this.#up = new FaultDirection(this, "up", client, this.#server, (bytes) => this.#passUp(bytes))
    this.#down = new FaultDirection(this, "down", this.#server, client, (bytes) => this.#down.forward(bytes))
    let open = 2
    for (const socket of [client, this.#server]) {
      // The 'close' event that follows an error says all that is needed.
      socket.on("error", () => {})
      socket.on("close", (failed) => {
        this.#closed(socket, failed)
        open -= 1
        if (open === 0) onClose()
      })
    }
  }

  /** Faults changed: what waits looks again. */
  wake(): void {
    this.#up.wake()
    this.#down.wake()
  }

  halt(): void {
    this.#up.stop()
    this.#down.stop()
  }

  /** The client sees ECONNRESET. The server still gets what was passed on before. */
  reset(): void {
    this.halt()
    this.#client.resetAndDestroy()
    this.#server.destroy()
  }

  lose(): void {
    this.#lost = true
  }

  get lost(): boolean {
    return this.#lost
  }

  /** A socket that was closed in good order may have left bytes that are still under way to the other. */
  #closed(socket: Socket, failed: boolean): void {
    if (!failed && socket.readableEnded) return
    const other = socket === this.#client ? this.#server : this.#client
    this.halt()
    if (failed && !other.destroyed) other.resetAndDestroy()
    else other.destroy()
  }

  #passUp(bytes: Buffer): void {
    for (const event of this.#requests.push(bytes)) {
      if (event.kind === "begin") this.#answering = takeOne(this.faults, "answer")
      else if (event.kind === "head") this.#headSeen(event.head)
      else if (event.kind === "end") this.#requestSeen()
      else if (this.#answering) this.counts.bytesSwallowed += event.bytes.length
      else this.#up.forward(event.bytes)
    }
  }

  #headSeen(head: RequestHead): void {
    this.counts.requests += 1
    if (!this.#answering) return
    this.counts.answers += 1
    this.#answer = slowDown(head, this.#answering.retryAfter)
    if (!head.expectsContinue) return
    // A client that asked before it sends the body may never send it: this connection has no next request.
    this.#requestSeen()
    this.#down.pushEnd()
  }

  #requestSeen(): void {
    if (this.#answer) this.#down.push(this.#answer)
    this.#answer = undefined
  }
}
