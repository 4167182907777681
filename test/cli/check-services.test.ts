import { writeFileSync } from "node:fs"
import { BlobServiceClient, ContainerSASPermissions, StorageSharedKeyCredential } from "@azure/storage-blob"
import { describe, expect, it } from "vitest"
import { describeOnAzure } from "../azure/support.ts"
import { BUCKET, useGcsServer } from "../gcs/support.ts"
import { appFolder } from "./app-folder.ts"
import { runCheck } from "./check-report.ts"

const ORIGIN = "https://www.example.com"

describeOnAzure("check of a container", (container) => {
  const keys = () => {
    const { endpoint, accountName, accountKey } = container().connection
    return {
      url: `azblob://${container().name}?endpoint=${endpoint}`,
      env: { AZURE_STORAGE_ACCOUNT: accountName, AZURE_STORAGE_KEY: accountKey },
    }
  }

  it("finds nothing wrong with one that is right, and leaves nothing behind", async () => {
    const { url, env } = keys()
    const checked = await runCheck([url], { cwd: appFolder(), env })
    expect(checked.named("failed")).toEqual([])
    expect(checked.step("privacy").text).toMatch(/^without a signature 4\d\d \w+, with one that has expired 403/)
    expect(checked.step("upload").text).toBe("a signed PUT stores what is sent")
    expect(await container().keys()).toEqual([])
  })

  it("tells a wrong key and a container that is not there", async () => {
    const { url, env } = keys()
    const wrong = { ...env, AZURE_STORAGE_KEY: Buffer.from("another key than the right one").toString("base64") }
    const unknown = await runCheck([url], { cwd: appFolder(), env: wrong })
    // The emulator calls a wrong key a lack of rights; the service calls it AuthenticationFailed.
    expect(unknown.named("failed")).toEqual(["list", "write"])
    expect(unknown.exitCode).toBe(1)
    const missing = await runCheck([url.replace(container().name, "no-such-container")], { cwd: appFolder(), env })
    expect(missing.step("connection")).toMatchObject({
      code: "bucket-not-found",
      hint: "Create it: az storage container create --name no-such-container",
    })
  })

  it("tells the letter that a SAS lacks, and goes on with what it allows", async () => {
    const { url } = keys()
    const sas = await container().client.generateSasUrl({
      permissions: ContainerSASPermissions.parse("rl"),
      expiresOn: new Date(Date.now() + 3_600_000),
    })
    const checked = await runCheck([url], { cwd: appFolder(), env: { AZURE_STORAGE_SAS_TOKEN: new URL(sas).search } })
    expect(checked.named("failed")).toEqual(["write"])
    expect(checked.step("write")).toMatchObject({ code: "permission-denied" })
    expect(checked.step("write").text).toContain("c and w in a SAS")
    expect(checked.step("list").status).toBe("ok")
    expect(checked.reports[0]!.leftBehind).toEqual([])
  })

  it("tells that CORS is missing, and nothing any more when it is set", async () => {
    const { url, env } = keys()
    const { endpoint, accountName, accountKey } = container().connection
    const service = new BlobServiceClient(endpoint, new StorageSharedKeyCredential(accountName, accountKey))
    const without = await runCheck([url, "--origin", ORIGIN], { cwd: appFolder(), env })
    expect(without.step("cors")).toMatchObject({ status: "failed", code: "cors" })
    expect(without.step("cors").hint).toContain("az storage cors add")
    const rule = {
      allowedOrigins: ORIGIN,
      allowedMethods: "GET,PUT,OPTIONS",
      allowedHeaders: "*",
      exposedHeaders: "*",
      maxAgeInSeconds: 60,
    }
    await service.setProperties({ cors: [rule] })
    const allowed = await runCheck([url, "--origin", ORIGIN], { cwd: appFolder(), env })
    await service.setProperties({ cors: [] })
    expect(allowed.step("cors")).toMatchObject({ status: "ok" })
  })
})

describe("check of a bucket of Google Cloud Storage", () => {
  const server = useGcsServer()
  const app = (account: object) => {
    const cwd = appFolder({ "key.json": JSON.stringify(account) })
    return { cwd, url: `gs://${BUCKET}?apiEndpoint=${server().endpoint}&keyFilename=${cwd}/key.json` }
  }

  it("finds nothing wrong with one that is right", async () => {
    const { cwd, url } = app(server().credentials)
    const checked = await runCheck([url], { cwd })
    expect(checked.named("failed")).toEqual([])
    expect(checked.step("upload").text).toBe("a signed PUT and a signed POST store what is sent")
  })

  it("tells what an account may not do, in the provider's words", async () => {
    const { cwd, url } = app(server().accountWithoutAccess)
    const checked = await runCheck([url], { cwd })
    expect(checked.step("connection")).toMatchObject({ status: "warning", code: "permission-denied" })
    expect(checked.step("list").text).toContain("It needs storage.objects.list")
    expect(checked.step("write").text).toContain(
      `It needs storage.objects.create on gs://${BUCKET} (the role Storage Object User)`,
    )
    expect(checked.exitCode).toBe(1)
  })

  it("tells a bucket that is not there, and a key file that is none", async () => {
    const { cwd, url } = app(server().credentials)
    const missing = await runCheck([url.replace(BUCKET, "no-such-bucket")], { cwd })
    expect(missing.step("connection")).toMatchObject({
      code: "bucket-not-found",
      hint: "Create it: gcloud storage buckets create gs://no-such-bucket",
    })
    writeFileSync(`${cwd}/key.json`, '{ "private_key": "RecognisablePrivateKey')
    const broken = await runCheck([url], { cwd })
    expect(broken.step("connection")).toMatchObject({ status: "failed", code: "unauthenticated" })
    expect(broken.stdout + broken.stderr).not.toContain("RecognisablePrivateKey")
  })

  it("tells what CORS lacks", async () => {
    const found: { status: string; text: string }[] = []
    for (const [index, responseHeader] of [["content-type"], []].entries()) {
      const bucket = `cors-bucket-${index}`
      server().createBucket(bucket, { cors: [{ origin: [ORIGIN], method: ["GET", "PUT", "POST"], responseHeader }] })
      const { cwd, url } = app(server().credentials)
      const checked = await runCheck([url.replace(BUCKET, bucket), "--origin", ORIGIN], { cwd })
      found.push(checked.step("cors"))
    }
    expect(found[0]).toMatchObject({ status: "ok", text: expect.stringContaining("upload by PUT") as string })
    expect(found[1]).toMatchObject({ status: "failed" })
    expect(found[1]!.text).toContain("Access-Control-Allow-Headers lacks content-type")
  })
})
