import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { describeOnS3 } from "../s3/support.ts"
import { type AlteringProxy, startAlteringProxy } from "../servers/altering-proxy.ts"
import { appFolder } from "./app-folder.ts"
import { ALL, check } from "./check-bucket.ts"
import { runCheck } from "./check-report.ts"
import { provided } from "../servers/provided.ts"

describeOnS3("check through a proxy that changes answers", (bucket) => {
  let proxy: AlteringProxy
  beforeAll(async () => {
    proxy = await startAlteringProxy(bucket().connection.endpoint)
  })
  afterAll(() => proxy.stop())
  const through = () => ({ AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${proxy.port}` })
  const shifted = (milliseconds: number) => {
    proxy.alter = (headers) => ({ ...headers, date: new Date(Date.now() + milliseconds).toUTCString() })
  }

  it("is right where the proxy changes nothing", async () => {
    expect((await check(bucket(), through())).named("ok")).toEqual(ALL)
  })

  it.each([
    [-180_000, "warning", "this machine's clock is 3 minutes ahead of the service's", 0],
    [600_000, "failed", "this machine's clock is 10 minutes behind the service's", 1],
  ])("compares the clocks: %i ms off are a %s", async (off, status, text, exitCode) => {
    shifted(off)
    const checked = await check(bucket(), through())
    proxy.alter = (headers) => headers
    expect(checked.step("clock")).toMatchObject({ status, text, code: "clock-skew" })
    expect(checked.exitCode).toBe(exitCode)
  })

  it("tells the region of a bucket that is elsewhere", async () => {
    // As Amazon answers. https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
    proxy.answer = () => ({
      status: 400,
      headers: { "content-type": "application/xml", "x-amz-bucket-region": "eu-west-1" },
      body:
        "<Error><Code>AuthorizationHeaderMalformed</Code><Message>The authorization header is malformed; the region " +
        "'us-east-1' is wrong; expecting 'eu-west-1'</Message><Region>eu-west-1</Region></Error>",
    })
    const checked = await check(bucket(), through())
    proxy.answer = () => undefined
    expect(checked.step("connection")).toMatchObject({
      code: "wrong-region",
      hint: 'The bucket is in eu-west-1: set region: "eu-west-1".',
    })
  })

  it("finds a service that answers as if it had stored what it has not", async () => {
    proxy.answer = ({ method }) => (method === "PUT" ? { status: 200 } : undefined)
    const lost = await check(bucket(), through())
    expect(lost.step("read")).toMatchObject({ status: "failed", code: "not-found" })
    proxy.answer = () => undefined
  })
})

const r2 = provided("r2")
describe.skipIf("reason" in r2)("check of R2", () => {
  it("finds all well, with the uploads that the service takes", async () => {
    if ("reason" in r2) return
    const { endpoint, credentials, buckets } = r2
    const config = `
      import { defineStorages } from "@node-storages/core"
      import { r2, S3Storage } from "@node-storages/s3"
      export const storages = defineStorages({
        media: () => new S3Storage("${buckets[0]}", {
          ...r2({ accountId: "acme" }), endpoint: "${endpoint}", forcePathStyle: true, location: "check-of-the-command" }),
      })`
    const checked = await runCheck([], {
      cwd: appFolder({ "storages.config.ts": config }),
      env: { AWS_ACCESS_KEY_ID: credentials.accessKeyId, AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey },
    })
    expect(checked.named("failed")).toEqual([])
    expect(checked.step("upload").text).toBe("a signed PUT stores what is sent")
  })
})
