import { createHash } from "node:crypto"
import type { Storage } from "@node-storages/core"
import type { DirectUpload, SignedPart } from "@node-storages/uploads"
import { describe, expect, test, vi } from "vitest"
import { namesOf } from "../../names-of.ts"
import { sampleBytes } from "../../sample-bytes.ts"
import type { Backend, BackendKind } from "./backend.ts"
import { picture } from "./pictures.ts"
import { sendSigned, Site } from "./site.ts"

/** In seconds: less than the clocks of services and of their clients may differ, by Google's five minutes. */
const BRIEFLY = 240

const POLICIES = {
  avatar: {
    prefix: ({ owner = "nobody" }) => `avatars/${owner}`,
    types: ["image/*"],
    maxSize: "1 MB",
    cacheControl: "max-age=60",
    metadata: { use: "avatar" },
  },
  any: { prefix: "files/", name: "{yyyy}/{stem}-{random}{ext}", maxSize: "50 MB" },
  brief: { maxSize: 1000, expiresIn: BRIEFLY },
} as const

async function everything(storage: Storage): Promise<string[]> {
  return Array.fromAsync(namesOf(storage))
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex")
}

/** Does something at another time, by the clock of this process and not of the services. */
async function later<Result>(seconds: number, act: () => Promise<Result>): Promise<Result> {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + seconds * 1000 })
  try {
    return await act()
  } finally {
    vi.useRealTimers()
  }
}

/** What must hold on every storage that signs uploads. */
export function describeDirectUploads({ title, create, partSize, holdsToSize }: BackendKind): void {
  async function start(): Promise<{ site: Site; backend: Backend; storage: Storage }> {
    const backend = await create()
    const sizes = partSize === undefined ? {} : { partSize, partsAbove: partSize }
    const { storage } = backend
    return { site: await Site.start({ storage, policies: POLICIES, ...sizes }), backend, storage }
  }

  describe(`a direct upload to ${title}`, () => {
    test("goes to the storage, is looked at, and gets its name", async () => {
      const { site, storage } = await start()
      const bytes = picture()
      const file = { policy: "avatar", name: "../My photo (1).PNG", size: bytes.byteLength, type: "text/html" }
      const upload = await site.create(file, "anna")
      expect(upload).toMatchObject({ size: bytes.byteLength, request: { method: "PUT" } })
      expect(upload.parts).toBeUndefined()
      await site.send(upload, bytes)
      // Not before it was looked at.
      expect(await Array.fromAsync(storage.list("avatars"))).toEqual([])

      const { status, body } = await site.complete(upload.token, "anna")
      expect({ status, body }).toMatchObject({
        status: 200,
        body: { size: bytes.byteLength, type: "image/png", data: { id: 1 } },
      })
      expect(body.name).toMatch(/^avatars\/anna\/[A-Za-z0-9]{24}\.png$/)
      expect(await everything(storage)).toEqual([body.name])
      expect(await storage.stat(body.name)).toMatchObject({
        contentType: "image/png",
        cacheControl: "max-age=60",
        metadata: { use: "avatar" },
      })
      const answer = await fetch(body.url)
      expect(new Uint8Array(await answer.arrayBuffer())).toEqual(bytes)
      expect(answer.headers.get("content-type")).toBe("image/png")
      expect(site.completed).toMatchObject([
        { name: body.name, owner: "anna", policy: "avatar", originalName: "My_photo_1.PNG" },
      ])
      expect(site.errors).toEqual([])
    })

    test("of nothing at all is a file of no bytes", async () => {
      const { site, storage } = await start()
      const upload = await site.create({ policy: "any", name: "empty.txt", size: 0 })
      await site.send(upload, new Uint8Array())
      const { body } = await site.complete(upload.token)
      expect((await storage.stat(body.name)).size).toBe(0)
    })

    test("never replaces a file: the same name twice is two files", async () => {
      const { site, storage } = await start()
      const names = []
      for (const text of ["one", "two"]) {
        const bytes = new TextEncoder().encode(text)
        const upload = await site.create({ policy: "any", name: "a.txt", size: bytes.byteLength })
        await site.send(upload, bytes)
        names.push((await site.complete(upload.token)).body.name)
      }
      expect(names[0]).toMatch(/^files\/\d{4}\/a-[A-Za-z0-9]{24}\.txt$/)
      expect(await storage.open(names[0]!).text()).toBe("one")
      expect(await storage.open(names[1]!).text()).toBe("two")
    })

    test("completed before it has arrived is told to be missing, and goes on", async () => {
      const { site, storage } = await start()
      const bytes = picture()
      const upload = await site.create({ policy: "avatar", name: "a.png", size: bytes.byteLength })
      expect(await site.complete(upload.token)).toMatchObject({
        status: 409,
        body: { error: { code: "not-uploaded" } },
      })
      await site.send(upload, bytes)
      expect(await site.complete(upload.token)).toMatchObject({ status: 200 })
      expect(await everything(storage)).toHaveLength(1)
    })

    test("completed twice, also at once, gives the same answer", async () => {
      const { site, storage } = await start()
      const bytes = picture()
      const upload = await site.create({ policy: "avatar", name: "a.png", size: bytes.byteLength })
      await site.send(upload, bytes)
      const answers = await Promise.all([site.complete(upload.token), site.complete(upload.token)])
      answers.push(await site.complete(upload.token))
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
      expect(new Set(answers.map(({ body }) => body.name)).size).toBe(1)
      expect(await everything(storage)).toEqual([answers[0].body.name])
    })

    test("sent once more after it was completed changes nothing", async () => {
      const { site, storage } = await start()
      const bytes = picture()
      const upload = await site.create({ policy: "avatar", name: "a.png", size: bytes.byteLength })
      await site.send(upload, bytes)
      const { body } = await site.complete(upload.token)
      const other = new TextEncoder().encode("<script>".padEnd(bytes.byteLength))
      await site.send(upload, other)
      expect(await storage.open(body.name).bytes()).toEqual(bytes)
      expect(await site.complete(upload.token)).toMatchObject({ status: 200, body: { name: body.name } })
      expect(await storage.open(body.name).bytes()).toEqual(bytes)
      expect(await everything(storage)).toEqual([body.name])
    })

    test("larger than allowed is refused before anything is sent", async () => {
      const { site, storage } = await start()
      const message = { action: "create", policy: "avatar", name: "a.png", size: 1_000_001 }
      expect(await site.ask(message)).toMatchObject({ status: 413, body: { error: { code: "file-too-large" } } })
      expect(await everything(storage)).toEqual([])
    })

    test("larger or smaller than announced does not become a file", async () => {
      const { site, storage } = await start()
      for (const [size, code] of [
        [2_000_000, "file-too-large"],
        [5000, "wrong-size"],
        [80, "wrong-size"],
      ] as const) {
        const upload = await site.create({ policy: "avatar", name: "a.png", size: 100 })
        // A client may refuse by itself to send a body that belies its Content-Length.
        const status = await sendSigned(upload.request!, picture(2, 2, size)).catch(() => 400)
        expect(status >= 400).toBe(holdsToSize)
        const answer = await site.complete(upload.token)
        expect(answer.body.error?.code).toBe(holdsToSize ? "not-uploaded" : code)
        expect(await everything(storage)).toEqual([])
      }
    })

    test("of another type than its name tells is removed", async () => {
      const { site, storage } = await start()
      for (const [name, text] of [
        ["a.png", "<!doctype html><script>alert(1)</script>"],
        ["a.gif", "just text"],
        ["a.jpg", picture()],
      ] as const) {
        const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text
        const upload = await site.create({ policy: "avatar", name, size: bytes.byteLength, type: "image/png" })
        await site.send(upload, bytes)
        const answer = await site.complete(upload.token)
        expect(answer).toMatchObject({ status: 415, body: { error: { code: "type-not-allowed" } } })
        expect(await everything(storage)).toEqual([])
        expect(await site.complete(upload.token)).toMatchObject({ status: 409 })
      }
    })

    test("of a type that is not allowed is refused before anything is sent", async () => {
      const { site } = await start()
      for (const [name, type] of [
        ["a.svg", "image/svg+xml"],
        ["a.html", "image/png"],
        ["a", ""],
        ["a", "text/html"],
      ]) {
        const answer = await site.ask({ action: "create", policy: "avatar", name, type, size: 10 })
        expect(answer).toMatchObject({ status: 415, body: { error: { code: "type-not-allowed" } } })
      }
    })

    test("that browsers would run is only saved by them", async () => {
      const { site, storage } = await start()
      const bytes = new TextEncoder().encode("<!doctype html><script>alert(1)</script>")
      const upload = await site.create({ policy: "any", name: "page.html", size: bytes.byteLength })
      await site.send(upload, bytes)
      const { body } = await site.complete(upload.token)
      expect(await storage.stat(body.name)).toMatchObject({ contentDisposition: "attachment; filename=page.html" })
    })

    test("with a digest is that file and no other", async () => {
      const { site, storage } = await start()
      const bytes = sampleBytes(100_000)
      const file = { policy: "any", name: "data.bin", size: bytes.byteLength, sha256: sha256(bytes).toUpperCase() }
      const upload = await site.create(file)
      const other = sampleBytes(100_000, 2)
      await site.send(upload, other)
      expect(await site.complete(upload.token)).toMatchObject({
        status: 400,
        body: { error: { code: "wrong-digest" } },
      })
      expect(await everything(storage)).toEqual([])
      await site.send(upload, bytes)
      const { body } = await site.complete(upload.token)
      expect(await storage.open(body.name).bytes()).toEqual(bytes)
    })

    test("is nobody else's: another owner, a changed token and somebody's own are refused alike", async () => {
      const { site, storage } = await start()
      const bytes = picture()
      const upload = await site.create({ policy: "avatar", name: "a.png", size: bytes.byteLength }, "anna")
      await site.send(upload, bytes)
      const changed = `${upload.token.slice(0, 40)}${upload.token[40] === "A" ? "B" : "A"}${upload.token.slice(41)}`
      const tries: [token: string, user: string | undefined][] = [
        [upload.token, "berta"],
        [upload.token, undefined],
        [changed, "anna"],
        [upload.token.slice(0, -1), "anna"],
        [`${upload.token}A`, "anna"],
        ["", "anna"],
      ]
      for (const action of ["resume", "parts", "complete", "abort"]) {
        for (const [token, user] of tries) {
          const answer = await site.ask({ action, token, numbers: [1] }, user)
          expect(answer).toMatchObject({ status: 403, body: { error: { code: "invalid-token" } } })
        }
      }
      expect(await site.complete(upload.token, "anna")).toMatchObject({ status: 200 })
      expect(await everything(storage)).toHaveLength(1)
    })

    test("that has taken too long is over, and nothing of it is left", async () => {
      const { site, storage } = await start()
      const upload = await site.create({ policy: "brief", name: "a.txt", size: 5 })
      await site.send(upload, new TextEncoder().encode("hello"))
      await later(BRIEFLY + 1, async () => {
        for (const action of ["resume", "complete"]) {
          const answer = await site.ask({ action, token: upload.token })
          expect(answer).toMatchObject({ status: 410, body: { error: { code: "upload-expired" } } })
        }
      })
      expect(await everything(storage)).toEqual([])
      // The service has a clock of its own: by that, this one was signed too long ago.
      const old = await later(-BRIEFLY - 1, () => site.create({ policy: "brief", name: "a.txt", size: 5 }))
      expect(await sendSigned(old.request!, new TextEncoder().encode("hello"))).toBeGreaterThanOrEqual(400)
      expect(await everything(storage)).toEqual([])
    })

    test("that is resumed gets another signature, or none where it has arrived", async () => {
      const { site } = await start()
      const bytes = picture()
      const upload = await site.create({ policy: "avatar", name: "a.png", size: bytes.byteLength })
      const { body: again } = await site.ask<DirectUpload>({ action: "resume", token: upload.token })
      expect(again).toMatchObject({ token: upload.token, size: bytes.byteLength, request: { method: "PUT" } })
      await site.send(again, bytes)
      for (const state of ["arrived", "completed"]) {
        const { body: arrived } = await site.ask<DirectUpload>({ action: "resume", token: upload.token })
        expect([state, arrived.request, arrived.parts]).toEqual([state, undefined, undefined])
        expect(await site.complete(upload.token)).toMatchObject({ status: 200 })
      }
    })

    test("that is aborted leaves nothing, and a file that was completed stays", async () => {
      const { site, storage } = await start()
      const bytes = picture()
      const upload = await site.create({ policy: "avatar", name: "a.png", size: bytes.byteLength })
      await site.send(upload, bytes)
      expect(await everything(storage)).toHaveLength(1)
      expect(await site.ask({ action: "abort", token: upload.token })).toMatchObject({ status: 200, body: {} })
      expect(await everything(storage)).toEqual([])
      await site.send(upload, bytes)
      await site.complete(upload.token)
      expect(await site.ask({ action: "abort", token: upload.token })).toMatchObject({ status: 200 })
      expect(await everything(storage)).toHaveLength(1)
    })

    test("that nobody completes is removed when it is old", async () => {
      const { site, storage } = await start()
      const bytes = picture()
      const upload = await site.create({ policy: "avatar", name: "a.png", size: bytes.byteLength })
      await site.send(upload, bytes)
      expect(await site.uploads.removeAbandoned()).toBe(0)
      // Services tell seconds, and their clocks are not ours.
      expect(await later(10, () => site.uploads.removeAbandoned({ olderThan: "100ms" }))).toBe(1)
      expect(await everything(storage)).toEqual([])
    })
  })

  describe.skipIf(partSize === undefined)(`a direct upload in parts to ${title}`, () => {
    const size = partSize! * 2 + 1000
    const file = { policy: "any", name: "large.png", size, type: "image/png" }
    const bytes = partSize === undefined ? new Uint8Array() : picture(2, 2, size)

    test("becomes a file when all parts have arrived, in any order", async () => {
      const { site, backend, storage } = await start()
      const upload = await site.create({ ...file, sha256: sha256(bytes) })
      expect(upload.parts).toEqual({ size: partSize, count: 3, arrived: [] })
      expect(upload.request).toBeUndefined()
      await site.sendParts(upload, bytes, [3, 1])
      expect(await site.complete(upload.token)).toMatchObject({
        status: 409,
        body: { error: { code: "not-uploaded" } },
      })
      const { body: resumed } = await site.ask<DirectUpload>({ action: "resume", token: upload.token })
      expect(resumed.parts).toEqual({ size: partSize, count: 3, arrived: [1, 3] })
      expect(await everything(storage)).toEqual([])
      await site.sendParts(upload, bytes, [2])
      const answers = await Promise.all([site.complete(upload.token), site.complete(upload.token)])
      answers.push(await site.complete(upload.token))
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
      const { name } = answers[0].body
      expect(await storage.open(name).bytes()).toEqual(bytes)
      expect(await storage.stat(name)).toMatchObject({ contentType: "image/png", size })
      expect(await everything(storage)).toEqual([name])
      expect((await backend.openUploads?.()) ?? []).toEqual([])
      const { body: over } = await site.ask<DirectUpload>({ action: "resume", token: upload.token })
      expect([over.parts, over.request]).toEqual([undefined, undefined])
    })

    test("of the wrong type is removed", async () => {
      const { site, storage } = await start()
      const upload = await site.create(file)
      await site.send(upload, sampleBytes(size))
      expect(await site.complete(upload.token)).toMatchObject({
        status: 415,
        body: { error: { code: "type-not-allowed" } },
      })
      expect(await everything(storage)).toEqual([])
    })

    test("that is aborted leaves no parts, and a file that was completed stays", async () => {
      const { site, backend, storage } = await start()
      const aborted = await site.create(file)
      await site.sendParts(aborted, bytes, [1])
      expect(await site.ask({ action: "abort", token: aborted.token })).toMatchObject({ status: 200 })
      expect((await backend.openUploads?.()) ?? []).toEqual([])
      for (const action of ["resume", "complete"]) {
        const answer = await site.ask({ action, token: aborted.token })
        expect(answer).toMatchObject({ status: 410, body: { error: { code: "upload-expired" } } })
      }
      const completed = await site.create(file)
      await site.send(completed, bytes)
      const { body } = await site.complete(completed.token)
      expect(await site.ask({ action: "abort", token: completed.token })).toMatchObject({ status: 200 })
      expect(await everything(storage)).toEqual([body.name])
    })

    test("can't be changed by a part's signature when it was completed", async () => {
      const { site, storage } = await start()
      const upload = await site.create(file)
      const { body } = await site.ask<{ parts: SignedPart[] }>({ action: "parts", token: upload.token, numbers: [1] })
      await site.send(upload, bytes)
      const { name } = (await site.complete(upload.token)).body
      const [part] = body.parts
      const asFile = new URL(part!.url)
      for (const parameter of ["comp", "blockid", "partNumber", "uploadId", "x-id"])
        asFile.searchParams.delete(parameter)
      const other = new TextEncoder().encode("<script>".padEnd(partSize!))
      await sendSigned(part!, other)
      await sendSigned({ ...part!, url: asFile.href, headers: { "x-ms-blob-type": "BlockBlob" } }, other)
      expect(await storage.open(name).bytes()).toEqual(bytes)
      expect(await site.complete(upload.token)).toMatchObject({ status: 200, body: { name } })
      expect(await storage.open(name).bytes()).toEqual(bytes)
      expect(await everything(storage)).toEqual([name])
    })

    test("signs no parts that it does not have", async () => {
      const { site } = await start()
      const upload = await site.create(file)
      for (const numbers of [[0], [4], [1.5], ["1"], 1, undefined, Array.from({ length: 101 }, () => 1)]) {
        const answer = await site.ask({ action: "parts", token: upload.token, numbers })
        expect(answer).toMatchObject({ status: 400, body: { error: { code: "malformed-request" } } })
      }
      await site.ask({ action: "abort", token: upload.token })
    })
  })
}
