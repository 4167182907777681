import { afterEach, describe, expect, it, vi } from "vitest"
import { type ScriptedAnswer, useScriptedService } from "../testing/scripted-service.ts"
import type { ObjectRequests } from "./object-requests.ts"

const service = useScriptedService()
const options = {
  region: "us-east-1",
  endpoint: "http://storage.example.com",
  forcePathStyle: true,
  credentials: { accessKeyId: "AKIAEXAMPLE", secretAccessKey: "secret" },
}
const bothWays = () => service.bothWays("acme-media", options)
const head = (requests: ObjectRequests, signal?: AbortSignal) =>
  requests.head({ Bucket: "acme-media", Key: "a" }, signal)
const list = (requests: ObjectRequests) => requests.list({ Bucket: "acme-media" })

interface Told {
  readonly name: string
  readonly message: string
  readonly $metadata: { readonly httpStatusCode?: number; readonly attempts?: number }
  readonly $response?: { readonly headers: Record<string, string> }
}

async function failureOf(promise: Promise<unknown>): Promise<Told> {
  return promise.then(
    () => expect.fail("It should have failed."),
    (error: unknown) => error as Told,
  )
}

const refusal = (status: number, code?: string): ScriptedAnswer => ({
  status,
  headers: { "x-amz-request-id": "R1", "x-amz-bucket-region": "eu-west-1" },
  ...(code && { body: `<?xml version="1.0"?>\n<Error><Code>${code}</Code><Message>a &lt;b&gt;</Message></Error>` }),
})

afterEach(() => {
  vi.useRealTimers()
})

describe("a refused request", () => {
  it.each([
    [301, "PermanentRedirect"],
    [400, "RequestTimeout"],
    [400, "ExpiredToken"],
    [400, undefined],
    [403, "AccessDenied"],
    [403, "SignatureDoesNotMatch"],
    [404, "NoSuchBucket"],
    [404, undefined],
    [409, "ConditionalRequestConflict"],
    [412, "PreconditionFailed"],
    [429, "TooManyRequests"],
    [500, "InternalError"],
    [501, "NotImplemented"],
    [502, undefined],
    [503, "SlowDown"],
    [507, undefined],
  ])("%i %s is attempted as often, and told in the same words, as by the official client", async (status, code) => {
    const { official, direct, sent, byOwnClient } = await bothWays()
    service.answers(refusal(status, code))
    const [theirs, ours] = await Promise.all([failureOf(list(official)), failureOf(list(direct))])
    expect(sent.direct.length).toBe(sent.official.length)
    expect(ours.$metadata).toMatchObject({
      httpStatusCode: status,
      attempts: theirs.$metadata.attempts,
      requestId: "R1",
    })
    if (code !== undefined) expect([ours.name, ours.message]).toEqual([theirs.name, theirs.message])
    expect(ours.$response!.headers).toMatchObject({ "x-amz-bucket-region": "eu-west-1" })
    expect(byOwnClient()).toBe(0)
  })

  it("tells in each attempt which one it is, under one id", async () => {
    const { direct, sent } = await bothWays()
    service.answers(refusal(503), refusal(503), {})
    await head(direct)
    expect(sent.direct.map(({ headers }) => headers["amz-sdk-request"])).toEqual([
      "attempt=1; max=3",
      "attempt=2; max=3",
      "attempt=3; max=3",
    ])
    expect(new Set(sent.direct.map(({ headers }) => headers["amz-sdk-invocation-id"])).size).toBe(1)
  })

  it("waits for as long as Retry-After says", async () => {
    const { direct } = await bothWays()
    service.answers({ ...refusal(503), headers: { "retry-after": "1" } }, {})
    const start = performance.now()
    await head(direct)
    expect(performance.now() - start).toBeGreaterThan(900)
  })

  it("does not wait for another attempt once its signal has aborted", async () => {
    const { direct, sent } = await bothWays()
    service.answers({ ...refusal(503), headers: { "retry-after": "300" } })
    const start = performance.now()
    const controller = new AbortController()
    const failure = failureOf(head(direct, controller.signal))
    await vi.waitFor(() => expect(sent.direct).toHaveLength(1), 60_000)
    controller.abort()
    const error = await failure
    expect(error.name).toBe("AbortError")
    expect(performance.now() - start).toBeLessThan(300_000)
    expect(sent.direct).toHaveLength(1)
  })

  it("draws on the same tokens as the official client's own requests: an outage ends the retries of both", async () => {
    const { direct, own, sent } = await bothWays()
    service.answers({ ...refusal(500), headers: { "x-amz-retry-after": "0" } })
    const strategy = (await own.client.config.retryStrategy()) as unknown as { getCapacity(): number }
    const before = strategy.getCapacity()
    await failureOf(head(direct))
    expect(sent.direct).toHaveLength(3)
    expect(strategy.getCapacity()).toBeLessThan(before)
  })

  it("is repeated where a small body was cut short, and is a network's failure in the end", async () => {
    const { direct, sent } = await bothWays()
    const get = () => direct.get({ Bucket: "acme-media", Key: "a" })
    service.answers({ cut: true }, { body: "hello" })
    expect(Buffer.concat(await Array.fromAsync((await get()).Body)).toString()).toBe("hello")
    service.answers({ cut: true })
    expect(await failureOf(get())).toMatchObject({ code: "ECONNRESET", $metadata: { attempts: 3 } })
    expect(sent.direct).toHaveLength(5)
  })

  it("is an error also where its status is that of a success", async () => {
    const { direct, sent } = await bothWays()
    service.answers(refusal(200, "InternalError"))
    expect(await failureOf(list(direct))).toMatchObject({ name: "InternalError", $metadata: { httpStatusCode: 503 } })
    expect(sent.direct).toHaveLength(3)
  })
})

describe("a wrong clock", () => {
  const skewed = (serverTime: Date): ScriptedAnswer => ({
    status: 403,
    headers: { date: serverTime.toUTCString() },
    body: `<Error><Code>RequestTimeTooSkewed</Code><Message>m</Message><ServerTime>${serverTime.toISOString()}</ServerTime></Error>`,
  })

  it("is corrected by the service's, for this request, for those that follow and for the official client", async () => {
    const { direct, own, sent } = await bothWays()
    vi.useFakeTimers({ toFake: ["Date"] })
    const serverTime = new Date(Date.now() + 3_600_000)
    service.answers(skewed(serverTime), { headers: { date: serverTime.toUTCString() } })
    await list(direct).catch(() => {})
    const signedAt = (request: (typeof sent.direct)[number]) =>
      Date.parse(request.headers["x-amz-date"]!.replace(/(....)(..)(..T..)(..)(..Z)/, "$1-$2-$3:$4:$5"))
    expect(Math.abs(signedAt(sent.direct[1]!) - serverTime.getTime())).toBeLessThan(5000)
    expect(Math.abs(own.client.config.systemClockOffset - 3_600_000)).toBeLessThan(5000)
  })

  it("that is not the reason of a refusal is no reason for another attempt", async () => {
    const { direct, sent } = await bothWays()
    service.answers({ ...refusal(403, "AccessDenied"), headers: { date: new Date().toUTCString() } })
    await failureOf(list(direct))
    expect(sent.direct).toHaveLength(1)
  })
})
