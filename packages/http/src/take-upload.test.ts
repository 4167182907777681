import type { SignedTerms } from "@node-storages/core"
import { MemoryStorage } from "@node-storages/memory"
import { describe, expect, it } from "vitest"
import type { Answer } from "./answer.ts"
import { takeUpload } from "./take-upload.ts"

const EXPIRES = { method: "PUT", expiresAt: new Date(Date.now() + 60_000) } as const

async function put(
  storage: MemoryStorage,
  terms: Partial<SignedTerms>,
  headers: Record<string, string>,
  ...chunks: readonly string[]
): Promise<Answer> {
  async function* body() {
    for (const chunk of chunks) yield Buffer.from(chunk)
  }
  const request = { native: undefined, method: "PUT", url: "/a.txt", headers, body }
  return takeUpload(request, storage, "a.txt", { ...EXPIRES, ...terms })
}

describe("takeUpload", () => {
  it("stores with what was signed, and not with what the client says", async () => {
    const storage = new MemoryStorage()
    const signed = { contentType: "image/png", cacheControl: "max-age=1", metadata: { by: "ann" } }
    const headers = { "content-type": "IMAGE/png", "cache-control": "max-age=9", "x-amz-meta-by": "bob" }
    const answer = await put(storage, { ...signed, contentDisposition: "attachment" }, headers, "a", "b")
    const info = await storage.stat("a.txt")
    expect([answer.status, answer.headers["etag"]]).toEqual([200, info.etag])
    expect(info).toMatchObject({ size: 2, ...signed, contentDisposition: "attachment" })
  })

  it.each([
    [{ "content-length": "3" }, 400],
    [{ "content-length": "1" }, 400],
    [{ "content-length": "abc" }, 400],
    [{ "content-length": "-2" }, 400],
    [{ "content-length": "2" }, 200],
    [{}, 200],
  ] as const)("a body of two bytes with %j is %i", async (headers, status) => {
    const storage = new MemoryStorage()
    expect((await put(storage, {}, headers as Record<string, string>, "a", "b")).status).toBe(status)
    expect(await storage.exists("a.txt")).toBe(status === 200)
  })

  it.each([
    [{ size: 2 }, 200],
    [{ size: 3 }, 400],
    [{ size: 1 }, 413],
    [{ maxSize: 2 }, 200],
    [{ maxSize: 1 }, 413],
    [{ size: 0 }, 413],
    [{ maxSize: 0 }, 413],
  ] as const)("a body of two bytes that was signed with %j is %i, told or not", async (terms, status) => {
    for (const headers of [{}, { "content-length": "2" }] as Record<string, string>[]) {
      const storage = new MemoryStorage()
      expect((await put(storage, terms, headers, "a", "b")).status).toBe(status)
      expect(await storage.exists("a.txt")).toBe(status === 200)
    }
  })

  it("reads no more than one chunk too many", async () => {
    let given = 0
    async function* endless() {
      for (;;) {
        given++
        yield new Uint8Array(10)
      }
    }
    const request = { native: undefined, method: "PUT", url: "/a", headers: {}, body: endless }
    const answer = await takeUpload(request, new MemoryStorage(), "a", { ...EXPIRES, maxSize: 25 })
    expect([answer.status, given]).toEqual([413, 3])
  })

  it("what fails in the storage is its error", async () => {
    const storage = new MemoryStorage()
    await storage.write("a.txt/b", "a directory is in the way")
    await expect(put(storage, {}, {}, "a")).rejects.toMatchObject({ name: "StorageError" })
  })
})
