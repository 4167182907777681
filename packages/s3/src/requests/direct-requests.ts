import { createHash } from "node:crypto"
import { Readable } from "node:stream"
import type { BucketAccess } from "../bucket-access.ts"
import { collected, compared, crc32Of, toldChecksum } from "./answer-body.ts"
import { deletionBody, readDeletion, readListing } from "./documents.ts"
import { Exchange, type HttpAnswer, type PlainRequest } from "./exchange.ts"
import { objectAnswer } from "./object-answer.ts"
import { type GetAnswer, type ObjectRequests, officialRequests } from "./object-requests.ts"
import type { OwnClient } from "./own-client.ts"
import { type PlainParameters, plainParameters } from "./parameters.ts"
import { serviceError } from "./service-error.ts"

/** Bodies up to this size are read at once: what follows costs less for one piece than for a stream. In bytes. */
const READ_AT_ONCE = 64 * 1024

/** Names of buckets that are no buckets, but access points, or that sign in another way. */
const OTHER_THAN_BUCKET = /^arn:|--[a-z]+-s3$|[^A-Za-z0-9._-]/

/** Checksums by the client's configuration: on AWS of every body, elsewhere only where one must be. */
interface ChecksumPolicy {
  readonly ofRequests: boolean
  readonly ofAnswers: boolean
}

/**
 * The requests of an own client, without its middleware where that is possible. The client itself does the first one,
 * with which it finds its endpoint in the shared configuration, and all that is not on the lists of `parameters.ts`;
 * and it does everything as soon as an app has changed it.
 */
export class DirectRequests implements ObjectRequests {
  readonly #own: OwnClient
  readonly #access: BucketAccess
  readonly #bucket: string
  readonly #compatible: boolean
  readonly #official: ObjectRequests
  #exchange: Exchange | undefined
  #preparing: Promise<void> | undefined
  #checksums: ChecksumPolicy = { ofRequests: true, ofAnswers: true }
  /** Whether objects were seen whose digests only the official client can compute. */
  #foreignDigests = false

  constructor(own: OwnClient, access: BucketAccess, bucket: string, compatible: boolean) {
    this.#own = own
    this.#access = access
    this.#bucket = bucket
    this.#compatible = compatible
    this.#official = officialRequests(own.client)
  }

  put: ObjectRequests["put"] = (input, signal) => {
    const { Body: body = "" } = input
    const isPlain = typeof body === "string" || body instanceof Uint8Array
    return this.#either(
      isPlain ? input : undefined,
      () => this.#official.put(input, signal),
      (exchange, parameters) => {
        const headers = { ...parameters.headers, ...(this.#checksums.ofRequests && withCrc32(body as Uint8Array)) }
        const request = requestOf("PUT", input, { ...parameters, headers }, "PutObject")
        return exchange.send({ ...request, body: body as Uint8Array }, signal, async (answer) => {
          await this.#body(answer)
          return objectAnswer(answer.headers)
        })
      },
    )
  }

  head: ObjectRequests["head"] = (input, signal) =>
    this.#either(
      input,
      () => this.#official.head(input, signal),
      (exchange, parameters) =>
        exchange.send(requestOf("HEAD", input, parameters), signal, async (answer) => {
          await this.#body(answer)
          return objectAnswer(answer.headers)
        }),
    )

  get: ObjectRequests["get"] = async (input, signal) => {
    const official = () => this.#official.get(input, signal)
    const answer = await this.#either(
      this.#foreignDigests ? undefined : input,
      official,
      (exchange, { headers, query }) => {
        const asking = this.#checksums.ofAnswers ? { ...headers, "x-amz-checksum-mode": "ENABLED" } : headers
        const request = requestOf("GET", input, { headers: asking, query }, "GetObject")
        return exchange.send(request, signal, (given) => this.#object(given))
      },
    )
    return answer ?? official()
  }

  delete: ObjectRequests["delete"] = (input, signal) =>
    this.#either(
      input,
      () => this.#official.delete(input, signal),
      (exchange, parameters) =>
        exchange.send(requestOf("DELETE", input, parameters, "DeleteObject"), signal, async (answer) => {
          await this.#body(answer)
        }),
    )

  deleteMany: ObjectRequests["deleteMany"] = (input, signal) =>
    this.#either(
      input,
      () => this.#official.deleteMany(input, signal),
      (exchange, parameters) => {
        const body = deletionBody(input.Delete)
        const headers = {
          ...parameters.headers,
          ...withCrc32(body),
          "content-type": "application/xml",
          "content-length": String(Buffer.byteLength(body)),
          // Understood by services that are older than the other digest.
          ...(this.#compatible && { "content-md5": createHash("md5").update(body).digest("base64") }),
        }
        const request = { method: "POST" as const, query: { ...parameters.query, delete: "" }, headers, body }
        return exchange.send(request, signal, async (answer) => readDeletion(await this.#document(answer)))
      },
    )

  list: ObjectRequests["list"] = (input, signal) =>
    this.#either(
      input,
      () => this.#official.list(input, signal),
      (exchange, { headers, query }) => {
        const request = { method: "GET" as const, query: { ...query, "list-type": "2" }, headers }
        return exchange.send(request, signal, async (answer) => readListing(await this.#document(answer)))
      },
    )

  /** @param input undefined where only the official client will do */
  async #either<Answer>(
    input: object | undefined,
    official: () => Promise<Answer>,
    direct: (exchange: Exchange, parameters: PlainParameters) => Promise<Answer>,
  ): Promise<Answer> {
    const exchange = this.#exchange
    const parameters = exchange && input && this.#own.isAsMade ? plainParameters(input) : undefined
    if (exchange && parameters) return direct(exchange, parameters)
    try {
      return await official()
    } finally {
      if (!exchange) await (this.#preparing ??= this.#prepare())
    }
  }

  /** Where it is not possible, and why, is said by the official client, which goes on being asked. */
  async #prepare(): Promise<void> {
    const { client } = this.#own
    if (OTHER_THAN_BUCKET.test(this.#bucket) || client.config.bucketEndpoint) return
    try {
      const { requestChecksumCalculation, responseChecksumValidation } = client.config
      const ofRequests = (await requestChecksumCalculation()) === "WHEN_SUPPORTED"
      const ofAnswers = (await responseChecksumValidation()) === "WHEN_SUPPORTED"
      const exchange = await Exchange.of(client, this.#access)
      this.#checksums = { ofRequests, ofAnswers }
      this.#own.settle()
      this.#exchange = exchange
    } catch {
      // No region, for example: that may be otherwise the next time.
      this.#preparing = undefined
    }
  }

  /** Undefined where the service tells a digest that can't be compared here. */
  async #object(answer: HttpAnswer): Promise<GetAnswer | undefined> {
    const checksum = this.#checksums.ofAnswers ? toldChecksum(answer.headers) : undefined
    if (checksum === "foreign") {
      this.#foreignDigests = true
      release(answer.body)
      return undefined
    }
    const object = objectAnswer(answer.headers)
    const { ContentLength: length = Infinity } = object
    const whole = length <= READ_AT_ONCE ? await this.#body(answer) : undefined
    const chunks = whole ? onePiece(whole) : (answer.body as AsyncIterable<Uint8Array>)
    return { ...object, Body: checksum ? compared(chunks, checksum) : chunks }
  }

  #body({ body }: HttpAnswer): Promise<Buffer> {
    return collected(body, this.#own.client)
  }

  /** The text of an answer. An error may come with a status of success: then it is one of the service's side. */
  async #document(answer: HttpAnswer): Promise<string> {
    const text = (await this.#body(answer)).toString()
    if (/^\s*(<\?xml[^>]*>\s*)?<Error[\s>]/.test(text)) throw serviceError({ ...answer, statusCode: 503 }, text)
    return text
  }
}

function requestOf(
  method: PlainRequest["method"],
  { Key }: { readonly Key?: string | undefined },
  { headers, query }: PlainParameters,
  id?: string,
): PlainRequest {
  // The SDK says in the URL which operation it is.
  return { method, key: Key, headers, query: id === undefined ? query : { ...query, "x-id": id } }
}

function withCrc32(body: Uint8Array | string): Record<string, string> {
  return { "x-amz-sdk-checksum-algorithm": "CRC32", "x-amz-checksum-crc32": crc32Of(body) }
}

/** Nobody wants the rest of it. */
function release(body: unknown): void {
  if (body instanceof Readable) body.destroy()
  else void (body as ReadableStream).cancel().catch(() => {})
}

async function* onePiece(bytes: Buffer): AsyncGenerator<Uint8Array> {
  if (bytes.byteLength > 0) yield bytes
}
