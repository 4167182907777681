import { S3Client } from "@aws-sdk/client-s3"

/** Before anybody puts something in its place, as mocks do. */
const SEND: unknown = Reflect.get(S3Client.prototype, "send")

/** What is read at each request, or kept by the client itself. */
const MAY_CHANGE: ReadonlySet<string> = new Set([
  "credentials",
  "requestHandler",
  "signingName",
  "signingRegion",
  "systemClockOffset",
])

/** A client that a storage has made for itself, and whether it is still as it was made. */
export class OwnClient {
  readonly client: S3Client
  readonly #stack: string
  #config: ReadonlyMap<string, unknown>
  #isGivenAway = false

  constructor(client: S3Client) {
    this.client = client
    this.#stack = stackOf(client)
    this.#config = configOf(client)
  }

  /** For the app, which may do anything with it. */
  give(): S3Client {
    this.#isGivenAway = true
    return this.client
  }

  /** The client's first request has found what it looks for: from now on its endpoint and region stay as they are. */
  settle(): void {
    const found = ["endpoint", "isCustomEndpoint", "region"]
    const now = configOf(this.client)
    this.#config = new Map([...this.#config, ...found.map((name) => [name, now.get(name)] as const)])
  }

  /** Whether no middleware was added, and no configuration changed that is not read at each request. */
  get isAsMade(): boolean {
    if (this.client.send !== SEND) return false
    if (!this.#isGivenAway) return true
    if (stackOf(this.client) !== this.#stack) return false
    const now = configOf(this.client)
    for (const [name, value] of now) if (!MAY_CHANGE.has(name) && this.#config.get(name) !== value) return false
    return true
  }
}

function stackOf({ middlewareStack }: S3Client): string {
  return middlewareStack.identify().join("\n")
}

function configOf({ config }: S3Client): Map<string, unknown> {
  return new Map(Object.entries(config))
}
