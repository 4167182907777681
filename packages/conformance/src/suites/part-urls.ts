import assert from "node:assert/strict"
import type { MultipartUpload } from "@node-storages/core"
import { noise } from "../helpers/contents.ts"
import { expectContent, expectOnly } from "../helpers/expect.ts"
import { arrived, partSize, putTo, uploadParts } from "../helpers/parts.ts"
import { changedParameters } from "../helpers/tamper.ts"
import { has, servedUrls } from "../needs.ts"
import { type Suite, suite, type TestContext } from "../suite.ts"

const NEEDS = [has("multipart"), servedUrls]
const SIZE = 1000

/** An upload with the URL of its first part. */
async function signedPart({ storage }: TestContext) {
  const upload = await storage.startMultipart("a.bin")
  return { upload, signed: await upload.signPart(1, { size: SIZE }) }
}

function expectRefused(status: number): void {
  assert.ok(status >= 400 && status < 500, `the part was answered with ${status}`)
}

/** Holds that nothing has come of it: no part, no file. */
async function expectNothing({ storage }: TestContext, upload: MultipartUpload): Promise<void> {
  assert.deepEqual(await arrived(upload), [])
  await expectOnly(storage, [])
  await upload.abort()
}

export const partUrls: Suite = suite("URLs of parts", (test) => {
  test("take a part of exactly the signed size, and no other", NEEDS, async (context) => {
    const { upload, signed } = await signedPart(context)
    for (const size of [SIZE - 1, SIZE + 1]) {
      expectRefused(await putTo(signed.url, signed.headers, noise(size), context.fetch))
    }
    assert.deepEqual(await arrived(upload), [])
    assert.ok((await putTo(signed.url, signed.headers, noise(SIZE), context.fetch)) < 300)
    await upload.complete()
    await expectContent(context.storage, "a.bin", noise(SIZE))
  })

  test("are refused when they have expired", NEEDS, async (context) => {
    const { driver, storage, fetch } = context
    const upload = await storage.startMultipart("late.bin")
    const signedAt = new Date(Date.now() - 3_600_000)
    const late = { signedAt, expiresIn: 600, size: SIZE }
    const signed = await driver.multipart!.signPart(upload.name, upload.id, 1, late)
    assert.ok(signed.expiresAt.getTime() < Date.now())
    expectRefused(await putTo(signed.url, signed.headers, noise(SIZE), fetch))
    await expectNothing(context, upload)
  })

  test("are refused when any of their parameters was changed", NEEDS, async (context) => {
    const { upload, signed } = await signedPart(context)
    for (const url of changedParameters(signed.url)) {
      expectRefused(await putTo(url, signed.headers, noise(SIZE), context.fetch))
    }
    await expectNothing(context, upload)
  })

  test(
    "are refused when any of their parameters was left out: none is the URL of the whole file",
    NEEDS,
    async (context) => {
      const { upload, signed } = await signedPart(context)
      const [base, query = ""] = signed.url.split("?")
      const pairs = query.split("&")
      for (const left of pairs) {
        const url = `${base}?${pairs.filter((pair) => pair !== left).join("&")}`
        expectRefused(await putTo(url, signed.headers, noise(SIZE), context.fetch))
      }
      await expectNothing(context, upload)
    },
  )

  test("are refused for another name", NEEDS, async (context) => {
    const { upload, signed } = await signedPart(context)
    const url = signed.url.replace("a.bin", "b.bin")
    assert.notEqual(url, signed.url)
    expectRefused(await putTo(url, signed.headers, noise(SIZE), context.fetch))
    await expectNothing(context, upload)
  })

  test("can't be used to read or delete", NEEDS, async (context) => {
    const { storage, fetch } = context
    await storage.write("a.bin", "kept")
    const { upload, signed } = await signedPart(context)
    for (const method of ["GET", "DELETE", "POST"]) {
      const response = await fetch(signed.url, { method, redirect: "manual" })
      assert.ok(response.status >= 400, `${method} was answered with ${response.status}`)
      await response.bytes()
    }
    await expectContent(storage, "a.bin", "kept")
    await upload.abort()
  })

  test("change nothing once the upload is complete", NEEDS, async (context) => {
    const { upload, whole } = await uploadParts(context.storage, "a.bin", 2, context)
    const signed = await upload.signPart(1, { size: partSize(upload) })
    await upload.complete()
    // The service may refuse it, or take it and leave it aside.
    await putTo(signed.url, signed.headers, noise(partSize(upload), 9), context.fetch)
    await expectContent(context.storage, "a.bin", whole)
    await expectOnly(context.storage, ["a.bin"])
  })
})
