import { randomBytes } from "node:crypto"
import type { Bucket, File } from "@google-cloud/storage"
import { GoogleAuth, OAuth2Client } from "google-auth-library"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { startGcsServer, type GcsServer } from "./gcs-server.ts"
import { officialClient } from "./sdk-client.ts"

const HOUR = 60 * 60 * 1000
const NAME = "folder/ä %#?&'()*.txt"

let server: GcsServer
let bucket: Bucket
let file: File

beforeAll(async () => {
  server = await startGcsServer({ buckets: ["signed-tests"] })
  bucket = (await officialClient(server)).bucket("signed-tests")
  file = bucket.file(NAME)
  await file.save("signed content", { resumable: false, metadata: { contentType: "text/plain" } })
})

afterAll(() => server.stop())

async function sign(options: object): Promise<string> {
  const expires = Date.now() + HOUR
  return (await file.getSignedUrl({ version: "v4", expires, ...options } as Parameters<File["getSignedUrl"]>[0]))[0]
}

describe("a signed URL of the official client", () => {
  test("reads, also with HEAD and a range, and overrides type and disposition", async () => {
    const url = await sign({ action: "read", responseType: "text/x-other", promptSaveAs: "ö.txt" })
    const response = await fetch(url)
    expect([response.status, await response.text()]).toEqual([200, "signed content"])
    expect(response.headers.get("content-type")).toBe("text/x-other")
    expect(response.headers.get("content-disposition")).toContain("attachment")
    expect((await fetch(url, { method: "HEAD" })).status).toBe(200)
    const part = await fetch(url, { headers: { range: "bytes=7-" } })
    expect([part.status, await part.text()]).toEqual([206, "content"])
  })

  test("is refused when tampered with, and says what should have been signed", async () => {
    const url = await sign({ action: "read" })
    const answers = await Promise.all(
      [
        url.replace("folder/", "folded/"),
        `${url}&response-content-type=text/html`,
        url.replace("Expires=3", "Expires=4"),
        url.replace(/.$/, (digit) => (digit === "0" ? "1" : "0")),
      ].map(async (each) => ({ status: (await fetch(each)).status, body: await (await fetch(each)).text() })),
    )
    for (const { status, body } of answers) {
      expect(status).toBe(403)
      expect(body).toMatch(/<Code>SignatureDoesNotMatch<.*<StringToSign>GOOG4-RSA.*<CanonicalRequest>GET\n/s)
    }
    expect((await fetch(url, { method: "PUT", body: "x" })).status).toBe(403)
    expect((await fetch(url, { method: "DELETE" })).status).toBe(403)
    expect((await fetch(url, { headers: { "x-goog-user-project": "a" } })).status).toBe(400)
    expect(String((await file.download())[0])).toBe("signed content")
  })

  test("is not accepted before its time or after it", async () => {
    let now = new Date()
    const another = await startGcsServer({ buckets: ["signed-tests"], now: () => now })
    const other = (await officialClient(another)).bucket("signed-tests").file("a")
    await other.save("x", { resumable: false })
    const [url] = await other.getSignedUrl({ version: "v4", action: "read", expires: Date.now() + HOUR })
    now = new Date()
    expect((await fetch(url)).status).toBe(200)
    now = new Date(now.getTime() + HOUR + 1000)
    const late = await fetch(url)
    expect([late.status, await late.text()]).toEqual([400, expect.stringContaining("<Code>ExpiredToken<")])
    now = new Date(now.getTime() - 2 * HOUR)
    expect((await fetch(url)).status).toBe(403)
    await another.stop()
  })

  test("writes with exactly the headers that were signed", async () => {
    const target = bucket.file("written")
    const extensionHeaders = {
      "x-goog-meta-color": "blue",
      "x-goog-if-generation-match": "0",
      "x-goog-content-length-range": "3,5",
    }
    const expires = Date.now() + HOUR
    const options = { version: "v4", action: "write", expires, contentType: "image/png", extensionHeaders } as const
    const [url] = await target.getSignedUrl(options)
    const put = async (headers: Record<string, string>, body: string): Promise<string> => {
      const response = await fetch(url, { method: "PUT", headers: { "content-type": "image/png", ...headers }, body })
      return `${response.status} ${/<Code>(\w+)/.exec(await response.text())?.[1] ?? ""}`
    }
    expect(await put(extensionHeaders, "123456")).toBe("400 EntityTooLarge")
    expect(await put(extensionHeaders, "12")).toBe("400 EntityTooSmall")
    expect(await put({ ...extensionHeaders, "content-type": "text/html" }, "1234")).toBe("403 SignatureDoesNotMatch")
    expect(await put({ ...extensionHeaders, "x-goog-meta-color": "red" }, "1234")).toBe("403 SignatureDoesNotMatch")
    expect(await put({ ...extensionHeaders, "x-goog-acl": "public-read" }, "1234")).toBe("400 MalformedSecurityHeader")
    expect(await put({}, "1234")).toBe("400 MalformedSecurityHeader")
    expect(await put({ ...extensionHeaders, "content-md5": "AAAAAAAAAAAAAAAAAAAAAA==" }, "1234")).toBe("400 BadDigest")
    expect(await target.exists()).toEqual([false])
    expect(await put(extensionHeaders, "1234")).toBe("200 ")
    expect((await target.getMetadata())[0]).toMatchObject({ contentType: "image/png", metadata: { color: "blue" } })
    expect(await put(extensionHeaders, "1234")).toBe("412 PreconditionFailed")
  })

  test("is bound to the payload when its hash is signed", async () => {
    const sha256 = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
    const headers = { "x-goog-content-sha256": sha256 }
    const [url] = await bucket.file("payload").getSignedUrl({
      version: "v4",
      action: "write",
      expires: Date.now() + HOUR,
      extensionHeaders: headers,
    })
    expect((await fetch(url, { method: "PUT", headers, body: "hallo" })).status).toBe(400)
    expect((await fetch(url, { method: "PUT", headers, body: "hello" })).status).toBe(200)
  })

  test("starts a resumable upload, whose address needs no signature", async () => {
    const target = bucket.file("resumable/ä")
    const [url] = await target.getSignedUrl({ version: "v4", action: "resumable", expires: Date.now() + HOUR })
    const start = await fetch(url, { method: "POST", headers: { "x-goog-resumable": "start" } })
    expect(start.status).toBe(201)
    const session = start.headers.get("location")!
    const bytes = randomBytes(256 * 1024 + 3)
    const range = (text: string): { "content-range": string } => ({ "content-range": `bytes ${text}` })
    const first = bytes.subarray(0, 256 * 1024)
    const chunk = await fetch(session, { method: "PUT", headers: range("0-262143/*"), body: first })
    expect([chunk.status, chunk.headers.get("range")]).toEqual([308, "bytes=0-262143"])
    const last = bytes.subarray(256 * 1024)
    const end = await fetch(session, { method: "PUT", headers: range("262144-262146/262147"), body: last })
    expect([end.status, await end.text()]).toEqual([200, ""])
    expect((await target.download())[0].equals(bytes)).toBe(true)
  })

  test("may be signed without a key, by signBlob", async () => {
    const authClient = new OAuth2Client()
    authClient.setCredentials({ access_token: server.accessToken(), expiry_date: Date.now() + HOUR })
    const auth = new GoogleAuth({ authClient })
    auth.getCredentials = async () => ({ client_email: server.credentials.client_email })
    const signingEndpoint = `${server.endpoint}/v1/projects/-/serviceAccounts/`
    const blob = "the text to sign"
    const signature = await auth.sign(blob, signingEndpoint)
    const keyed = await (await officialClient(server)).authClient.sign(blob)
    expect(signature).toBe(keyed)
    expect(server.requests.count("signBlob")).toBe(1)
    authClient.setCredentials({ access_token: "wrong", expiry_date: Date.now() + HOUR })
    await expect(auth.sign(blob, signingEndpoint)).rejects.toThrow("Invalid Credentials")
  })
})

describe("a signed form of the official client", () => {
  const file2 = (text: string): Blob => new Blob([text], { type: "image/png" })

  async function post(
    fields: Record<string, string>,
    change: (form: FormData) => void = () => {},
    content = "form content",
  ): Promise<{ status: number; body: string; headers: Headers }> {
    const form = new FormData()
    for (const [name, value] of Object.entries(fields)) form.append(name, value)
    change(form)
    form.append("file", file2(content), 'my "file".png')
    const response = await fetch(`${server.endpoint}/signed-tests/`, { method: "POST", body: form, redirect: "manual" })
    return { status: response.status, body: await response.text(), headers: response.headers }
  }

  async function policy(name: string, options: object = {}): Promise<Record<string, string>> {
    const expires = Date.now() + HOUR
    const [{ fields }] = await bucket.file(name).generateSignedPostPolicyV4({ expires, ...options })
    return fields
  }

  test("stores what it says", async () => {
    const given = { "Content-Type": "text/x-form", "Cache-Control": "no-store", "x-goog-meta-color": "grün" }
    const fields = await policy("form/ä", { fields: { ...given, success_action_status: "201" } })
    const { status, body } = await post(fields, (form) => form.append("x-ignore-submit", "Send"))
    expect(status).toBe(201)
    expect(body).toContain("<Bucket>signed-tests</Bucket><Key>form/ä</Key>")
    expect((await bucket.file("form/ä").getMetadata())[0]).toMatchObject({
      contentType: "text/x-form",
      cacheControl: "no-store",
      metadata: { color: "grün" },
      size: "12",
    })
  })

  test("answers 204, or as its fields ask", async () => {
    expect((await post(await policy("form/status"))).status).toBe(204)
    expect((await post(await policy("form/status", { fields: { success_action_status: "200" } }))).status).toBe(200)
    const redirect = await policy("form/status", { fields: { success_action_redirect: "http://example.com/done?a=1" } })
    const { status, headers } = await post(redirect)
    expect(status).toBe(303)
    expect(headers.get("location")).toMatch(
      /^http:\/\/example\.com\/done\?a=1&bucket=signed-tests&key=form%2Fstatus&etag=/,
    )
  })

  test("puts the file's name into the key", async () => {
    expect((await post(await policy("form/of-${filename}"))).status).toBe(204)
    expect(await bucket.file('form/of-my "file".png').exists()).toEqual([true])
  })

  test("stores nothing when the file is too large or too small, or the form is not the signed one", async () => {
    const fields = await policy("form/refused", { conditions: [["content-length-range", 3, 20]] })
    const refused = async (
      change: (form: FormData) => void,
      content?: string,
      changed: Record<string, string> = {},
    ): Promise<string> => {
      const { status, body } = await post({ ...fields, ...changed }, change, content)
      return `${status} ${/<Code>(\w+)/.exec(body)?.[1]} ${/<Details>(.*)<\/Details>/.exec(body)?.[1] ?? ""}`.trim()
    }
    const same = (): void => {}
    expect(await refused(same, "x".repeat(21))).toBe("400 EntityTooLarge")
    expect(await refused(same, "x".repeat(3_000_000))).toBe("400 EntityTooLarge")
    expect(await refused(same, "xx")).toBe("400 EntityTooSmall")
    expect(await refused((form) => form.append("submit", "1"))).toBe(
      "400 InvalidPolicyDocument Policy did not reference these fields: submit",
    )
    expect(await refused((form) => form.set("key", "form/other"))).toContain(
      "400 InvalidPolicyDocument Failed condition",
    )
    expect(await refused((form) => form.delete("policy"))).toContain("403 AccessDenied")
    expect(await refused(same, "xxxx", { "x-goog-signature": "00" })).toContain("403 SignatureDoesNotMatch")
    expect((await bucket.getFiles({ prefix: "form/refused" }))[0]).toEqual([])
    expect((await post(fields)).status).toBe(204)
  })
})
