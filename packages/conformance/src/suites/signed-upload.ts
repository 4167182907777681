import assert from "node:assert/strict"
import { type SignedUpload, StorageError, type Storage, type UploadOptions } from "@node-storages/core"
import { noise, utf8 } from "../helpers/contents.ts"
import { expectContent, expectError, expectOnly } from "../helpers/expect.ts"
import { expectHeaders } from "../helpers/headers.ts"
import { changedParameters } from "../helpers/tamper.ts"
import { declares, has, hasNo, servedUrls } from "../needs.ts"
import { type Suite, suite } from "../suite.ts"

const NEEDS = [has("signedUpload"), servedUrls]

type Fetch = typeof fetch

/** Sends the file as a browser does. */
async function upload(
  fetch: Fetch,
  signed: SignedUpload,
  bytes: Uint8Array<ArrayBuffer>,
  url: string = signed.url,
): Promise<number> {
  let body: Uint8Array<ArrayBuffer> | FormData = bytes
  if (signed.method === "POST") {
    body = new FormData()
    for (const [name, value] of Object.entries(signed.fields)) body.append(name, value)
    body.append("file", new Blob([bytes]), "file")
  }
  const headers = signed.method === "PUT" ? signed.headers : {}
  const response = await fetch(url, { method: signed.method, headers, body, redirect: "manual" })
  await response.bytes()
  return response.status
}

function expectAccepted(status: number): void {
  assert.ok(status >= 200 && status < 400, `the upload was answered with ${status}`)
}

function expectRefused(status: number): void {
  assert.ok(status >= 400 && status < 500, `the upload was answered with ${status}`)
}

/** Undefined where the service can't enforce what is asked, and says so. */
async function unlessUnsupported(storage: Storage, options: UploadOptions): Promise<SignedUpload | undefined> {
  try {
    return await storage.signedUpload("sized.bin", options)
  } catch (error) {
    assert.ok(StorageError.is(error, "unsupported"), String(error))
    return undefined
  }
}

export const signedUpload: Suite = suite("signedUpload", (test) => {
  for (const name of ["a.txt", "folder/ä (1) +%&?#.txt", "a%2Fb c~'\"!*.txt", "日本語/🎉.txt"]) {
    test(`uploads ${JSON.stringify(name)} straight to the service`, NEEDS, async ({ storage, fetch }) => {
      const signed = await storage.signedUpload(name, { contentType: "text/x-mine" })
      assert.ok(signed.expiresAt.getTime() > Date.now())
      expectAccepted(await upload(fetch, signed, noise(1000)))
      await expectContent(storage, name, noise(1000))
      assert.equal((await storage.stat(name)).contentType, "text/x-mine")
      await expectOnly(storage, [name])
    })
  }

  test("the content type is by the name's extension where none is given", NEEDS, async ({ storage, fetch }) => {
    expectAccepted(await upload(fetch, await storage.signedUpload("a.png"), noise(10)))
    assert.equal((await storage.stat("a.png")).contentType, "image/png")
  })

  test(
    "headers and metadata are those that were signed",
    [...NEEDS, declares("metadata"), declares("cacheControl"), declares("contentDisposition")],
    async ({ storage, fetch }) => {
      const headers = {
        contentType: "text/x-mine",
        cacheControl: "max-age=60",
        contentDisposition: "inline",
        metadata: { owner: "42" },
      }
      expectAccepted(await upload(fetch, await storage.signedUpload("a.bin", headers), noise(10)))
      expectHeaders(await storage.stat("a.bin"), headers)
    },
  )

  test("another content type than the signed one is refused", NEEDS, async ({ storage, fetch }) => {
    const signed = await storage.signedUpload("a.png", { contentType: "image/png" })
    const forge = (values: Readonly<Record<string, string>>) =>
      Object.fromEntries(
        Object.entries(values).map(([key, value]) => [key, value === "image/png" ? "text/html" : value]),
      )
    expectRefused(
      await upload(fetch, { ...signed, headers: forge(signed.headers), fields: forge(signed.fields) }, noise(10)),
    )
    await expectOnly(storage, [])
  })

  test(
    "a smaller file than maxSize is taken, a larger one refused, or the option is unsupported",
    NEEDS,
    async ({ storage, fetch }) => {
      const signed = await unlessUnsupported(storage, { maxSize: 1000 })
      if (!signed) return
      expectRefused(await upload(fetch, signed, noise(1001)))
      await expectOnly(storage, [])
      expectAccepted(await upload(fetch, signed, noise(1000)))
      await expectContent(storage, "sized.bin", noise(1000))
    },
  )

  test(
    "a file of exactly this size is taken, any other refused, or the option is unsupported",
    NEEDS,
    async ({ storage, fetch }) => {
      const signed = await unlessUnsupported(storage, { size: 1000 })
      if (!signed) return
      for (const size of [999, 1001]) {
        // A client may refuse by itself to send a body that belies its Content-Length.
        const status = await upload(fetch, signed, noise(size)).catch(() => 400)
        expectRefused(status)
      }
      await expectOnly(storage, [])
      expectAccepted(await upload(fetch, signed, noise(1000)))
      await expectContent(storage, "sized.bin", noise(1000))
    },
  )

  test("an upload to another name than the signed one is refused", NEEDS, async ({ storage, fetch }) => {
    const signed = await storage.signedUpload("mine.txt", { contentType: "text/plain" })
    const forge = (values: Readonly<Record<string, string>>) =>
      Object.fromEntries(Object.entries(values).map(([key, value]) => [key, value.replace("mine.txt", "other.txt")]))
    const forged = { ...signed, url: signed.url.replace("mine.txt", "other.txt"), fields: forge(signed.fields) }
    expectRefused(await upload(fetch, forged, utf8("x")))
    await expectOnly(storage, [])
  })

  test("an upload of which any parameter was changed is refused", NEEDS, async ({ storage, fetch }) => {
    const signed = await storage.signedUpload("mine.txt", { contentType: "text/plain" })
    for (const url of changedParameters(signed.url)) expectRefused(await upload(fetch, signed, utf8("x"), url))
    if (signed.method === "POST") {
      const signature = Object.entries(signed.fields).find(([name]) => /signature/i.test(name))
      assert.ok(signature, "a form without a signature")
      const wrong = {
        ...signed.fields,
        [signature[0]]: signature[1].replace(/^./, (first) => (first === "0" ? "1" : "0")),
      }
      expectRefused(await upload(fetch, { ...signed, fields: wrong }, utf8("x")))
    }
    await expectOnly(storage, [])
  })

  test("an upload that has expired is refused", NEEDS, async ({ storage, driver, fetch }) => {
    const signedAt = new Date(Date.now() - 3_600_000)
    const signed = await driver.signedUpload!("late.txt", { signedAt, expiresIn: 600, contentType: "text/plain" })
    expectRefused(await upload(fetch, signed, utf8("x")))
    await expectOnly(storage, [])
  })

  test("an upload can't be used to read or delete", NEEDS, async ({ storage, fetch }) => {
    const signed = await storage.signedUpload("a.txt", { contentType: "text/plain" })
    await storage.write("a.txt", "x")
    for (const method of ["GET", "DELETE"]) {
      const response = await fetch(signed.url, { method, redirect: "manual" })
      assert.ok(response.status >= 400, `${method} was answered with ${response.status}`)
      await response.bytes()
    }
    await expectContent(storage, "a.txt", "x")
  })

  test("is refused with invalid-option for a size that is none", [has("signedUpload")], async ({ storage }) => {
    for (const size of [-1, 1.5, Number.NaN]) {
      await expectError("invalid-option", () => storage.signedUpload("a.txt", { size }))
      await expectError("invalid-option", () => storage.signedUpload("a.txt", { maxSize: size }))
    }
  })

  test("is refused with unsupported where the driver has none", [hasNo("signedUpload")], async ({ storage }) => {
    await expectError("unsupported", () => storage.signedUpload("a.txt"))
  })
})
