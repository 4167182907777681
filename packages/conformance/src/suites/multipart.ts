import assert from "node:assert/strict"
import { prefix, readOnly, StorageError } from "@node-storages/core"
import { noise, utf8 } from "../helpers/contents.ts"
import { expectAbsent, expectContent, expectError, expectOnly, failureOf } from "../helpers/expect.ts"
import { expectHeaders } from "../helpers/headers.ts"
import { ODD_NAMES } from "../helpers/names.ts"
import { arrived, partsFor, partSize, sendPart, uploadParts } from "../helpers/parts.ts"
import { declares, given, has, hasNo, partsCanBeSent } from "../needs.ts"
import { type Suite, suite } from "../suite.ts"

const NEEDS = [has("multipart"), partsCanBeSent]

export const multipart: Suite = suite("multipart", (test) => {
  test(
    "makes the file of its parts in the order of their numbers, whatever the order they came in",
    NEEDS,
    async (context) => {
      const { storage } = context
      const upload = await storage.startMultipart("folder/film.mp4")
      const { parts, whole } = partsFor(upload, 3)
      for (const number of [3, 1, 2]) await sendPart(upload, number, parts[number - 1]!, context)
      const info = await upload.complete()
      assert.deepEqual([info.name, info.size, info.contentType], ["folder/film.mp4", whole.byteLength, "video/mp4"])
      await expectContent(storage, "folder/film.mp4", whole)
      const stat = await storage.stat("folder/film.mp4")
      assert.deepEqual([stat.etag, stat.contentType], [info.etag, "video/mp4"])
      await expectOnly(storage, ["folder/film.mp4"])
    },
  )

  test("shows nothing before it is complete", NEEDS, async (context) => {
    const { storage } = context
    const { upload, whole } = await uploadParts(storage, "folder/a.bin", 2, context)
    await expectAbsent(storage, "folder/a.bin")
    await expectOnly(storage, [])
    assert.deepEqual(await storage.listdir(), { directories: [], files: [] })
    await upload.complete()
    await expectContent(storage, "folder/a.bin", whole)
  })

  test("leaves the old version until it is complete, and then replaces it", NEEDS, async (context) => {
    const { storage } = context
    await storage.write("a.bin", "old")
    const { upload, whole } = await uploadParts(storage, "a.bin", 2, context)
    await expectContent(storage, "a.bin", "old")
    await upload.complete()
    await expectContent(storage, "a.bin", whole)
    await expectOnly(storage, ["a.bin"])
  })

  test("of one small part is a file", NEEDS, async (context) => {
    const upload = await context.storage.startMultipart("a.txt")
    await sendPart(upload, 1, utf8("x"), context)
    assert.equal((await upload.complete()).size, 1)
    await expectContent(context.storage, "a.txt", "x")
  })

  test(
    "has the headers and metadata that it was started with",
    [...NEEDS, declares("metadata"), declares("cacheControl"), declares("contentDisposition")],
    async (context) => {
      const headers = {
        contentType: "text/x-mine",
        cacheControl: "max-age=60",
        contentDisposition: 'attachment; filename="a b.txt"',
        metadata: { owner: "42", note: "ä / 日本" },
      }
      const upload = await context.storage.startMultipart("a.bin", headers)
      await sendPart(upload, 1, utf8("x"), context)
      expectHeaders(await upload.complete(), headers)
      expectHeaders(await context.storage.stat("a.bin"), headers)
    },
  )

  test("tells what has arrived, by numbers and sizes", NEEDS, async (context) => {
    const upload = await context.storage.startMultipart("a.bin")
    const { parts } = partsFor(upload, 3)
    const size = partSize(upload)
    assert.deepEqual(await arrived(upload), [])
    await sendPart(upload, 3, parts[2]!, context)
    await sendPart(upload, 2, parts[1]!, context)
    assert.deepEqual(await arrived(upload), [
      [2, size],
      [3, 777],
    ])
    const known = context.storage.multipart(upload.name, upload.id)
    await sendPart(known, 1, parts[0]!, context)
    assert.deepEqual(await arrived(known), [
      [1, size],
      [2, size],
      [3, 777],
    ])
    await upload.abort()
  })

  test("has a part replaced by one that is sent again", NEEDS, async (context) => {
    const upload = await context.storage.startMultipart("a.bin")
    const { parts, whole } = partsFor(upload, 2)
    await sendPart(upload, 1, noise(partSize(upload), 9), context)
    await sendPart(upload, 2, noise(1500, 9), context)
    for (const [index, bytes] of parts.entries()) await sendPart(upload, index + 1, bytes, context)
    await upload.complete()
    await expectContent(context.storage, "a.bin", whole)
  })

  test("is made of the parts that are given, where some are", NEEDS, async (context) => {
    const { upload, whole } = await uploadParts(context.storage, "a.bin", 3, context)
    const parts = await upload.parts()
    await upload.complete(parts.slice(0, 2))
    await expectContent(context.storage, "a.bin", whole.subarray(0, 2 * partSize(upload)))
  })

  test("is refused with invalid-content while it has a hole or no part", NEEDS, async (context) => {
    const upload = await context.storage.startMultipart("a.bin")
    const { parts } = partsFor(upload, 2)
    await expectError("invalid-content", () => upload.complete(), { names: "a.bin" })
    await sendPart(upload, 2, parts[1]!, context)
    await expectError("invalid-content", () => upload.complete(), { names: "a.bin" })
    await expectOnly(context.storage, [])
    await upload.abort()
  })

  test("is gone when it is aborted: nothing is stored, a later part changes nothing", NEEDS, async (context) => {
    const { storage } = context
    const { upload } = await uploadParts(storage, "a.bin", 2, context)
    const told = await upload.parts()
    await upload.abort()
    await expectError("not-found", () => upload.parts())
    // The service may refuse it, or take it and leave it aside.
    await failureOf(() => sendPart(upload, 1, noise(1000), context))
    await expectError("not-found", () => upload.parts())
    await expectError("not-found", () => upload.complete())
    await expectError("not-found", () => upload.complete(told))
    await upload.abort()
    await expectOnly(storage, [])
  })

  test("is gone when it is complete: aborting it leaves the file", NEEDS, async (context) => {
    const { upload, whole } = await uploadParts(context.storage, "a.bin", 2, context)
    const told = await upload.parts()
    const { etag } = await upload.complete()
    await expectError("not-found", () => upload.parts())
    await expectError("not-found", () => upload.complete())
    // Some services answer a repetition as they did the first time.
    const again = await failureOf(async () => assert.equal((await upload.complete(told)).etag, etag))
    assert.ok(again === undefined || StorageError.is(again, "not-found"), String(again))
    await upload.abort()
    await expectContent(context.storage, "a.bin", whole)
  })

  test("that nobody has started is not-found, and aborting it no error", [has("multipart")], async ({ storage }) => {
    await storage.write("a.bin", "kept")
    const ids = ["nobody", "0", "..", "../../a.bin", "a%2Fb?x=y&z", "A".repeat(128), "0123456789abcdef0123456789abcdef"]
    for (const id of ids) {
      const upload = storage.multipart("a.bin", id)
      await expectError("not-found", () => upload.parts())
      await expectError("not-found", () => upload.complete([{ number: 1, size: 1, etag: '"x"' }]))
      await upload.abort()
    }
    await expectContent(storage, "a.bin", "kept")
    await expectOnly(storage, ["a.bin"])
  })

  test("belongs to its name: the id is nobody's under another", NEEDS, async (context) => {
    const { upload, whole } = await uploadParts(context.storage, "mine.bin", 2, context)
    const other = context.storage.multipart("other.bin", upload.id)
    await expectError("not-found", () => other.parts())
    const told = await upload.parts()
    await expectError("not-found", () => other.complete(told))
    await other.abort()
    await upload.complete()
    await expectContent(context.storage, "mine.bin", whole)
    await expectOnly(context.storage, ["mine.bin"])
  })

  test("does not mix with another upload of the same name", NEEDS, async (context) => {
    const { storage } = context
    const { upload, whole } = await uploadParts(storage, "a.bin", 2, context)
    const other = await storage.startMultipart("a.bin")
    await sendPart(other, 1, noise(partSize(other), 7), context)
    assert.deepEqual(await arrived(other), [[1, partSize(other)]])
    assert.equal((await upload.parts()).length, 2)
    await upload.complete()
    await expectContent(storage, "a.bin", whole)
    await other.abort()
    await expectContent(storage, "a.bin", whole)
  })

  for (const name of ODD_NAMES) {
    test(`stores ${JSON.stringify(name)}`, NEEDS, async (context) => {
      const upload = await context.storage.startMultipart(name)
      await sendPart(upload, 1, utf8(name), context)
      assert.equal((await upload.complete()).name, name)
      await expectContent(context.storage, name, name)
      await expectOnly(context.storage, [name])
    })
  }

  test("stays below a prefix, and is nobody's outside of it", NEEDS, async (context) => {
    const tenant = context.storage.with(prefix("tenants/1"))
    const { upload, whole } = await uploadParts(tenant, "a b.bin", 2, context)
    await expectError("not-found", () => context.storage.multipart("a b.bin", upload.id).parts())
    await expectError("not-found", () =>
      context.storage.with(prefix("tenants/2")).multipart("a b.bin", upload.id).parts(),
    )
    assert.equal((await upload.complete()).name, "a b.bin")
    await expectContent(tenant, "a b.bin", whole)
    await expectOnly(context.storage, ["tenants/1/a b.bin"])
  })

  test("is refused where the storage is read-only, but for a look", NEEDS, async (context) => {
    const { upload } = await uploadParts(context.storage, "a.bin", 1, context)
    const reader = context.storage.with(readOnly())
    const seen = reader.multipart("a.bin", upload.id)
    assert.equal((await seen.parts()).length, 1)
    for (const call of [
      () => reader.startMultipart("b.bin"),
      () => seen.signPart(1, { size: 1 }),
      () => seen.complete(),
      () => seen.abort(),
    ]) {
      await expectError("read-only", call)
    }
    await upload.abort()
    await expectOnly(context.storage, [])
  })

  test("does nothing once its signal has aborted", NEEDS, async (context) => {
    const { storage } = context
    const signal = AbortSignal.abort()
    const { upload } = await uploadParts(storage, "a.bin", 1, context)
    const told = await upload.parts()
    for (const call of [
      () => storage.startMultipart("b.bin", { signal }),
      () => upload.parts({ signal }),
      () => upload.complete(told, { signal }),
      () => upload.abort({ signal }),
    ]) {
      await expectError("aborted", call)
    }
    await expectOnly(storage, [])
    assert.equal((await upload.parts()).length, 1)
    await upload.abort()
  })

  test(
    "is refused for numbers and sizes that the service does not take, and for no id",
    [has("multipart")],
    async ({ storage }) => {
      const upload = await storage.startMultipart("a.bin")
      const { largest, count } = upload.limits
      for (const number of [0, count + 1, 1.5]) {
        await expectError("invalid-option", () => upload.signPart(number, { size: 1000 }))
      }
      for (const size of [0, largest + 1, 1.5, Number.NaN]) {
        await expectError("invalid-option", () => upload.signPart(1, { size }))
      }
      await expectError("invalid-option", () => storage.multipart("a.bin", ""))
      await upload.abort()
    },
  )

  test(
    "of a bucket that does not exist is bucket-not-found",
    [has("multipart"), given("createOnMissingBucket")],
    async ({ options }) => {
      const storage = await options.createOnMissingBucket!()
      await expectError("bucket-not-found", () => storage.startMultipart("a.bin"))
      await storage.close()
    },
  )

  test(
    "is refused where the storage may not write",
    [has("multipart"), given("createWithoutAccess")],
    async ({ options }) => {
      const storage = await options.createWithoutAccess!()
      await expectError(["permission-denied", "unauthenticated"], () => storage.startMultipart("a.bin"))
      await storage.close()
    },
  )

  test("is refused with unsupported where the driver has none", [hasNo("multipart")], async ({ storage }) => {
    await expectError("unsupported", () => storage.startMultipart("a.bin"))
    await expectError("unsupported", () => storage.multipart("a.bin", "id").parts())
  })
})
