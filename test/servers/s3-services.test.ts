import { randomBytes } from "node:crypto"
import { Agent } from "node:http"
import { lookup } from "node:dns"
import {
  CreateBucketCommand,
  GetObjectCommand,
  PutObjectCommand,
  S3Client,
  type S3ClientConfig,
} from "@aws-sdk/client-s3"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { cephAvailable, startCeph } from "./ceph.ts"
import { startFaultProxy, type FaultProxy } from "./fault-proxy.ts"
import { startMiniflareR2 } from "./miniflare-r2.ts"
import { connectionThrough, type S3Connection, type S3Server } from "./s3-server.ts"
import { told } from "./run-folder.ts"

const bucket = "servers-test"
const body = randomBytes(3_000_000)

function client(connection: S3Connection, more: S3ClientConfig = {}): S3Client {
  const { endpoint, region, credentials } = connection
  return new S3Client({
    endpoint,
    region,
    credentials,
    forcePathStyle: true,
    requestChecksumCalculation: "WHEN_REQUIRED",
    // Miniflare never sends `100 Continue`.
    expectContinueHeader: false,
    ...more,
  })
}

async function putAndGet(s3: S3Client, key: string): Promise<void> {
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body }))
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }))
  expect(Buffer.from((await Body?.transformToByteArray()) ?? []).equals(body)).toBe(true)
}

await told("installed")
const services = [
  { name: "Ceph", missing: cephAvailable(), start: () => startCeph() },
  { name: "Miniflare R2", missing: undefined, start: () => startMiniflareR2({ buckets: [bucket] }) },
]

describe.each(services)("$name", ({ name, missing, start }) => {
  if (missing) return test.skip(missing, () => {})
  let server: S3Server
  let proxy: FaultProxy

  beforeAll(async () => {
    server = await start()
    const { hostname, port } = new URL(server.endpoint)
    proxy = await startFaultProxy({ host: hostname, port: Number(port) })
    if (name === "Ceph") await client(server).send(new CreateBucketCommand({ Bucket: bucket }))
  })

  afterAll(async () => {
    await proxy?.stop()
    await server?.stop()
  })

  test("serves a put and a get through the official SDK", async () => {
    await putAndGet(client(server), "directly/ä b+c.bin")
  })

  test("verifies signatures", async () => {
    const credentials = { ...server.credentials, secretAccessKey: "wrong" }
    const get = client({ ...server, credentials }).send(new GetObjectCommand({ Bucket: bucket, Key: "any" }))
    await expect(get).rejects.toMatchObject({ name: "SignatureDoesNotMatch" })
  })

  test("serves the same through the proxy, whose address is the one that is signed", async () => {
    proxy.resetCounts()
    await putAndGet(client(connectionThrough(proxy, server)), "through the proxy.bin")
    expect(proxy.counts().requests).toBe(2)
    expect(proxy.counts().bytesUp).toBeGreaterThan(body.length)
    expect(proxy.counts().bytesDown).toBeGreaterThan(body.length)
  })

  test("the SDK retries after the proxy's 503 and after a reset", async () => {
    const s3 = client(connectionThrough(proxy, server))
    proxy.resetCounts()
    proxy.answer503({ times: 1 })
    await putAndGet(s3, "after 503")
    proxy.resetAfter({ up: 1_000_000, times: 1 })
    await putAndGet(s3, "after a reset")
    expect(proxy.counts()).toMatchObject({ answers: 1, resets: 1, requests: 6 })
  })

  test("the SDK names the proxy's 503 when it does not retry", async () => {
    proxy.answer503({ times: 1 })
    const put = client(connectionThrough(proxy, server), { maxAttempts: 1 }).send(
      new PutObjectCommand({ Bucket: bucket, Key: "refused", Body: body }),
    )
    await expect(put).rejects.toMatchObject({ name: "SlowDown", $metadata: { httpStatusCode: 503 } })
  })

  test.skipIf(name !== "Ceph")("serves virtual-host style under its own name", async () => {
    const endpoint = `http://s3.localhost:${new URL(server.endpoint).port}`
    const httpAgent = new Agent({ lookup: (_, options, callback) => lookup("127.0.0.1", options, callback) })
    await putAndGet(
      client({ ...server, endpoint }, { forcePathStyle: false, requestHandler: { httpAgent } }),
      "virtual",
    )
    httpAgent.destroy()
  })

  test.skipIf(name !== "Ceph")("the SDK's own wait for 100 Continue works, also when the answer is a 503", async () => {
    const s3 = client(connectionThrough(proxy, server), { expectContinueHeader: true })
    proxy.resetCounts()
    proxy.answer503({ times: 1 })
    await putAndGet(s3, "continue")
    expect(proxy.counts()).toMatchObject({ answers: 1 })
  })
})
