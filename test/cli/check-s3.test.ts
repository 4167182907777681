import { PutBucketCorsCommand, PutBucketPolicyCommand } from "@aws-sdk/client-s3"
import { expect, it } from "vitest"
import { TestBucket, describeOnS3 } from "../s3/support.ts"
import { freePort } from "../servers/free-port.ts"
import { appFolder } from "./app-folder.ts"
import { ALL, check, settings } from "./check-bucket.ts"
import { runCheck } from "./check-report.ts"
import { startCommand } from "./command-process.ts"
import { runCommand } from "./run-command.ts"

const ORIGIN = "https://www.example.com"

describeOnS3("check of a bucket", (bucket) => {
  it("finds nothing wrong with one that is right, and leaves nothing behind", async () => {
    const checked = await check(bucket())
    expect(checked.named("ok")).toEqual(ALL)
    expect(checked.step("upload").text).toBe("a signed PUT and a signed POST store what is sent")
    expect(checked.step("cors")).toMatchObject({
      status: "skipped",
      hint: expect.stringContaining("--origin") as string,
    })
    expect(checked).toMatchObject({
      exitCode: 0,
      reports: [{ ok: true, target: `s3://${bucket().name}`, leftBehind: [] }],
    })
    expect(await bucket().keys()).toEqual([])
  })

  it.each([
    ["an access key that nobody has", { AWS_ACCESS_KEY_ID: "NOSUCHACCESSKEY01234" }],
    ["a wrong secret", { AWS_SECRET_ACCESS_KEY: "recognisable-wrong-secret" }],
  ])("calls %s unauthenticated, and tells where credentials come from", async (_title, env) => {
    const checked = await check(bucket(), env)
    expect(checked.step("connection")).toMatchObject({ status: "failed", code: "unauthenticated" })
    expect(checked.step("connection").hint).toContain("AWS_ACCESS_KEY_ID")
    expect(checked.named("failed")).toEqual(["connection"])
    expect(checked.exitCode).toBe(1)
  })

  it("tells that there is no such bucket, and how to make it", async () => {
    const missing = { name: `${bucket().name}-x`, connection: bucket().connection } as TestBucket
    const checked = await check(missing)
    expect(checked.step("connection")).toMatchObject({
      code: "bucket-not-found",
      hint: `Create it: aws s3 mb s3://${missing.name}`,
    })
  })

  it("tells the permission that is missing in the provider's words, and what it could not remove", async () => {
    const own = new TestBucket(bucket().connection)
    await own.create()
    const arn = `arn:aws:s3:::${own.name}`
    const Statement = [{ Effect: "Deny", Principal: "*", Action: ["s3:DeleteObject"], Resource: [`${arn}/*`] }]
    const Policy = JSON.stringify({ Version: "2012-10-17", Statement })
    await own.client.send(new PutBucketPolicyCommand({ Bucket: own.name, Policy }))
    const checked = await check(own)
    expect(checked.step("delete")).toMatchObject({ status: "failed", code: "permission-denied" })
    expect(checked.step("delete").text).toContain(`It needs s3:DeleteObject on ${arn}/*`)
    const left = await own.keys()
    expect(left.length).toBeGreaterThan(0)
    expect([...checked.reports[0]!.leftBehind].toSorted()).toEqual(left.toSorted())
    expect(checked.exitCode).toBe(1)
    const Open = JSON.stringify({ Version: "2012-10-17", Statement: [{ ...Statement[0], Effect: "Allow" }] })
    await own.client.send(new PutBucketPolicyCommand({ Bucket: own.name, Policy: Open }))
    await own.remove()
  })

  it("finds a private storage whose bucket anybody can read", async () => {
    const own = new TestBucket(bucket().connection)
    await own.create()
    const Statement = [
      { Effect: "Allow", Principal: "*", Action: ["s3:GetObject"], Resource: [`arn:aws:s3:::${own.name}/*`] },
    ]
    const Policy = JSON.stringify({ Version: "2012-10-17", Statement })
    await own.client.send(new PutBucketPolicyCommand({ Bucket: own.name, Policy }))
    const checked = await check(own)
    expect(checked.named("failed")).toEqual(["privacy"])
    expect(checked.step("privacy")).toMatchObject({ code: "readable-by-anybody" })
    expect(checked.step("privacy").hint).toContain("Block Public Access")
    // And as a public one it is right.
    const open = await check(own, {}, [], "&signedUrls=false")
    expect([open.exitCode, open.step("url").text]).toEqual([
      0,
      expect.stringMatching(/^the public URL gives the bytes/),
    ])
    await own.remove()
  })

  it("finds a public storage whose bucket is closed", async () => {
    const checked = await check(bucket(), {}, [], "&signedUrls=false")
    expect(checked.named("failed")).toEqual(["url"])
    expect(checked.step("url")).toMatchObject({ code: "not-public" })
    expect(checked.step("url").text).toMatch(/is answered with 403 AccessDenied/)
  })

  it("tells which header of CORS is missing, and nothing any more when the rule is there", async () => {
    const own = new TestBucket(bucket().connection)
    await own.create()
    const without = await check(own, {}, ["--origin", ORIGIN])
    expect(without.step("cors")).toMatchObject({ status: "failed", code: "cors" })
    expect(without.step("cors").text).toContain("no Access-Control-Allow-Origin")
    expect(without.step("cors").hint).toContain(`put-bucket-cors --bucket ${own.name}`)
    const cors = (AllowedHeaders: string[], AllowedMethods: string[]) =>
      own.client.send(
        new PutBucketCorsCommand({
          Bucket: own.name,
          CORSConfiguration: { CORSRules: [{ AllowedOrigins: [ORIGIN], AllowedMethods, AllowedHeaders }] },
        }),
      )
    await cors(["content-type"], ["GET"])
    const onlyRead = await check(own, {}, ["--origin", ORIGIN])
    expect(onlyRead.step("cors").status).toBe("failed")
    expect(onlyRead.step("cors").text).toContain("upload by PUT")
    expect(onlyRead.step("cors").text).not.toContain("read")
    await cors(["content-type"], ["GET", "PUT", "POST"])
    const allowed = await check(own, {}, ["--origin", ORIGIN])
    expect(allowed.step("cors")).toMatchObject({
      status: "ok",
      text: `pages of ${ORIGIN} may upload by PUT and upload by POST and read`,
    })
    expect(await own.keys()).toEqual([])
    await own.remove()
  })

  it("finds out a service that ignores If-None-Match, declared or not", async () => {
    const { endpoint, region, credentials } = bucket().connection
    const config = (conditionalCreate: string) => `
      import { S3Client } from "@aws-sdk/client-s3"
      import { defineStorages } from "@node-storages/core"
      import { S3Storage } from "@node-storages/s3"
      const client = new S3Client(${JSON.stringify({ endpoint, region, credentials, forcePathStyle: true, requestChecksumCalculation: "WHEN_REQUIRED" })})
      client.middlewareStack.add((next) => async (call: any) => {
        delete call.request.headers["if-none-match"]
        return await next(call)
      }, { step: "build", priority: "low" })
      export const storages = defineStorages({ media: () => new S3Storage("${bucket().name}", { client${conditionalCreate} }) })`
    const declared = await runCheck([], {
      cwd: appFolder({ "storages.config.ts": config(', conditionalCreate: "put-and-multipart"') }),
    })
    expect(declared.step("create")).toMatchObject({ status: "failed", code: "overwritten" })
    expect(declared.step("create").hint).toContain('conditionalCreate: "none"')
    const found = await runCheck([], { cwd: appFolder({ "storages.config.ts": config("") }) })
    expect(found.step("create")).toMatchObject({ status: "failed", code: "unsupported" })
    const none = await runCheck([], {
      cwd: appFolder({ "storages.config.ts": config(', conditionalCreate: "none"') }),
    })
    expect(none.step("create")).toMatchObject({ status: "warning", code: "unsupported" })
    expect(none.exitCode).toBe(0)
    expect(await bucket().keys()).toEqual([])
  })

  it("finds out, with --large, a service that honours it for small files only", async () => {
    const small = await check(bucket(), {}, ["--large"])
    expect(small.step("create-large")).toMatchObject({ status: "ok" })
    const url = `s3://${bucket().name}?forcePathStyle=true&conditionalCreate=put-and-multipart`
    const parts = await runCheck([url, "--large"], { cwd: appFolder(), env: settings(bucket()) })
    expect(parts.step("create").status).toBe("ok")
    expect(parts.step("create-large")).toMatchObject({ status: "failed", code: "overwritten" })
    expect(parts.step("create-large").hint).toContain('conditionalCreate: "put"')
    expect(await bucket().keys()).toEqual([])
  })

  it("reads what is there, and writes nothing, with --read-only", async () => {
    const own = new TestBucket(bucket().connection)
    await own.create()
    await own.storage({ location: "" }).write("there.txt", "is here")
    const checked = await check(own, {}, ["--read-only"])
    expect(checked.named("ok")).toEqual([
      "configuration",
      "connection",
      "clock",
      "list",
      "stat",
      "read",
      "url",
      "privacy",
    ])
    expect(await own.keys()).toEqual(["there.txt"])
    await own.remove()
  })

  it("prints a policy that is enough, and asks nobody for it", async () => {
    const { stdout } = await runCommand(["check", "--permissions", "--json", `s3://${bucket().name}`], {
      cwd: appFolder(),
    })
    const { policy } = JSON.parse(stdout) as { policy: { Statement: { Action: string[]; Resource: string }[] } }
    expect(policy.Statement).toEqual([
      {
        Effect: "Allow",
        Action: [
          "s3:GetObject",
          "s3:PutObject",
          "s3:AbortMultipartUpload",
          "s3:ListMultipartUploadParts",
          "s3:DeleteObject",
        ],
        Resource: `arn:aws:s3:::${bucket().name}/*`,
      },
      { Effect: "Allow", Action: ["s3:ListBucket"], Resource: `arn:aws:s3:::${bucket().name}` },
    ])
  })

  it("removes what it has written when it is stopped", async () => {
    const own = new TestBucket(bucket().connection)
    await own.create()
    const running = await startCommand(["check", `s3://${own.name}?forcePathStyle=true&conditionalCreate=put`], {
      cwd: appFolder(),
      env: settings(own),
    })
    await running.writes(({ stdout }) => stdout.includes("write"))
    running.process.kill("SIGINT")
    const { exitCode, stderr } = await running.ended
    expect(exitCode).toBe(130)
    expect(stderr).toContain("The check was stopped. Nothing is left of it.")
    expect(await own.keys()).toEqual([])
    await own.remove()
  })

  it("tells that nobody answers, once", async () => {
    const port = await freePort()
    const refused = await check(bucket(), { AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${port}` })
    expect(refused.step("connection")).toMatchObject({ status: "failed", code: "network" })
    expect(refused.named("failed")).toEqual(["connection"])
  })
})
