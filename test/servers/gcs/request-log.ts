/** What the server was asked, so that tests can count. */
export interface LoggedRequest {
  method: string
  /** With its query. */
  path: string
  /** Such as "objects.insert", "resumable.chunk", "xml.get". */
  operation: string
  /** It came inside of a batch. */
  batched: boolean
}

export class RequestLog {
  #requests: LoggedRequest[] = []

  get all(): readonly LoggedRequest[] {
    return this.#requests
  }

  add(request: LoggedRequest): void {
    this.#requests.push(request)
  }

  /** Of an operation, or of all. */
  count(operation?: string | RegExp): number {
    if (operation === undefined) return this.#requests.length
    const matches = (name: string): boolean =>
      typeof operation === "string" ? operation === name : operation.test(name)
    return this.#requests.filter((request) => matches(request.operation)).length
  }

  reset(): void {
    this.#requests = []
  }
}
