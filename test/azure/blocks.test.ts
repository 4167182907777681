import { createHash } from "node:crypto"
import { Readable } from "node:stream"
import { BlockBlobClient } from "@azure/storage-blob"
import { StorageError } from "@node-storages/core"
import { afterEach, expect, it, vi } from "vitest"
import { MEBIBYTE, sampleBytes, streamOf } from "../sample-bytes.ts"
import { around, describeOnAzure } from "./support.ts"

afterEach(() => {
  vi.restoreAllMocks()
})

/** What somebody else does in the last moment before a commit of this name. */
function beforeCommit(suffix: string, act: () => Promise<unknown>): void {
  let done = false
  around(BlockBlobClient.prototype, "commitBlockList", async (proceed, { name }) => {
    if (!done && name.endsWith(suffix)) {
      done = true
      await act()
    }
    return proceed()
  })
}

describeOnAzure("a stream longer than a block", (container) => {
  it("is written in blocks, byte for byte, with its headers and its MD5", async () => {
    const bytes = sampleBytes(3 * MEBIBYTE + 17)
    const storage = container().storage({ blockSize: MEBIBYTE, location: "blocks" })
    const info = await storage.write("film.mp4", streamOf(bytes), {
      metadata: { "owner-id": "7" },
      cacheControl: "no-store",
    })
    const md5 = createHash("md5").update(bytes).digest("hex")
    const blob = container().client.getBlockBlobClient("blocks/film.mp4")
    const stored = await blob.getProperties()
    expect(info).toMatchObject({ size: bytes.byteLength, etag: stored.etag, checksum: { md5 } })
    expect(stored).toMatchObject({ contentType: "video/mp4", cacheControl: "no-store" })
    expect(stored.metadata).toEqual({ owner_x002d_id: "7" })
    expect(await storage.stat("film.mp4")).toMatchObject({ checksum: { md5 }, metadata: { "owner-id": "7" } })
    const { committedBlocks } = await blob.getBlockList("committed")
    expect(committedBlocks?.map(({ size }) => size)).toEqual([MEBIBYTE, MEBIBYTE, MEBIBYTE, 17])
    expect(Buffer.from(await storage.open("film.mp4").bytes()).equals(bytes)).toBe(true)
  })

  it("that is exactly one block long goes as one request", async () => {
    const storage = container().storage({ blockSize: MEBIBYTE })
    const staged = vi.spyOn(BlockBlobClient.prototype, "stageBlock")
    await storage.write("a.bin", streamOf(sampleBytes(MEBIBYTE)))
    expect(staged).not.toHaveBeenCalled()
  })

  it("of known size that would have too many blocks gets larger ones", async () => {
    const storage = container().storage({ blockSize: 65_536 })
    const sizes: number[] = []
    vi.spyOn(BlockBlobClient.prototype, "stageBlock").mockImplementation(async (_id, _body, size) => {
      sizes.push(size)
      throw new Error("enough")
    })
    const content = storage.driver.put(
      "a.bin",
      { size: 50_000 * 70_000, replayable: false, bytes: undefined, stream: () => streamOf(sampleBytes(MEBIBYTE)) },
      { contentType: "video/mp4" },
    )
    await expect(content).rejects.toThrow("enough")
    expect(sizes[0]).toBe(70_000)
  })

  it("shows nothing under its name when its source fails, and rejects with the source's error", async () => {
    const storage = container().storage({ blockSize: MEBIBYTE, uploadConcurrency: 1, location: "fails" })
    const boom = new Error("boom")
    async function* failing() {
      yield* streamOf(sampleBytes(3 * MEBIBYTE))
      throw boom
    }
    const error: unknown = await storage.write("film.mp4", failing()).catch((reason: unknown) => reason)
    expect(StorageError.is(error, "source-failed") && error.cause).toBe(boom)
    expect(await storage.exists("film.mp4")).toBe(false)
    expect(await container().keys("fails/")).toEqual([])
    // The service has no request that would drop them; it does so by itself after a week.
    expect(await container().uncommitted("fails/")).toEqual(["fails/film.mp4"])
    await storage.write("film.mp4", "the next one is not hindered")
    expect(await container().uncommitted("fails/")).toEqual([])
  })

  it("shows nothing under its name when it is cancelled, and destroys its source", async () => {
    const storage = container().storage({ blockSize: MEBIBYTE, location: "cancelled" })
    const controller = new AbortController()
    const source = Readable.from(streamOf(sampleBytes(6 * MEBIBYTE)))
    const writing = storage.write("film.mp4", source, {
      signal: controller.signal,
      onProgress: ({ loaded }) => {
        if (loaded > 2 * MEBIBYTE) controller.abort(new Error("changed my mind"))
      },
    })
    await expect(writing).rejects.toMatchObject({ code: "aborted" })
    expect(source.destroyed).toBe(true)
    expect(await container().keys("cancelled/")).toEqual([])
  })

  it("ends as soon as a block fails, though its source has gone silent", async () => {
    const storage = container().storage({ blockSize: MEBIBYTE })
    vi.spyOn(BlockBlobClient.prototype, "stageBlock").mockRejectedValue(new Error("no"))
    async function* silent() {
      yield* streamOf(sampleBytes(2 * MEBIBYTE))
      await new Promise(() => {})
    }
    await expect(storage.write("film.mp4", silent())).rejects.toThrow("no")
  })

  it("with a block that changed on its way is refused with `checksum-mismatch`", async () => {
    const storage = container().storage({ blockSize: MEBIBYTE })
    around(BlockBlobClient.prototype, "stageBlock", (proceed, _, [id, body, size, options]) =>
      proceed(id, Buffer.alloc((body as Buffer).byteLength), size, options),
    )
    await expect(storage.write("film.mp4", streamOf(sampleBytes(2 * MEBIBYTE)))).rejects.toMatchObject({
      code: "checksum-mismatch",
    })
    expect(await storage.exists("film.mp4")).toBe(false)
  })

  it("holds no more than its blocks under way in memory", async () => {
    const storage = container().storage({ blockSize: MEBIBYTE, uploadConcurrency: 2 })
    let pulled = 0
    let staged = 0
    let most = 0
    around(BlockBlobClient.prototype, "stageBlock", async (proceed, _, call) => {
      const answer = await proceed()
      staged += call[2] as number
      return answer
    })
    async function* counted() {
      for await (const chunk of streamOf(sampleBytes(12 * MEBIBYTE))) {
        pulled += chunk.byteLength
        most = Math.max(most, pulled - staged)
        yield chunk
      }
    }
    await storage.write("film.mp4", counted())
    expect(most).toBeLessThanOrEqual(4 * MEBIBYTE)
  })
})

describeOnAzure("a race for a name", (container) => {
  it("that is over before it began is answered with an alternative, without a temporary file", async () => {
    const storage = container().storage({ blockSize: MEBIBYTE })
    await storage.save("film.mp4", "first")
    const bytes = sampleBytes(2 * MEBIBYTE)
    const name = await storage.save("film.mp4", streamOf(bytes))
    expect(name).toMatch(/^film_[A-Za-z0-9]{7}\.mp4$/)
    expect(Buffer.from(await storage.open(name).bytes()).equals(bytes)).toBe(true)
    expect(await storage.open("film.mp4").text()).toBe("first")
  })

  it("that is lost at the very end costs a stream that can be read only once nothing but its name", async () => {
    const storage = container().storage({ blockSize: MEBIBYTE, location: "lost" })
    beforeCommit("lost/film.mp4", () => container().client.getBlockBlobClient("lost/film.mp4").upload("winner", 6))
    const bytes = sampleBytes(2 * MEBIBYTE + 5)
    const name = await storage.save("film.mp4", streamOf(bytes))
    expect(name).toMatch(/^film_[A-Za-z0-9]{7}\.mp4$/)
    expect(Buffer.from(await storage.open(name).bytes()).equals(bytes)).toBe(true)
    expect(await storage.open("film.mp4").text()).toBe("winner")
    expect((await container().keys("lost/")).toSorted()).toEqual([`lost/${name}`, "lost/film.mp4"].toSorted())
  })

  it("that is lost at the very end is told where no temporary file can be written", async () => {
    vi.stubEnv("TMPDIR", "/nonexistent")
    const storage = container().storage({ blockSize: MEBIBYTE, location: "no-disk" })
    beforeCommit("no-disk/film.mp4", () =>
      container().client.getBlockBlobClient("no-disk/film.mp4").upload("winner", 6),
    )
    const error: unknown = await storage
      .save("film.mp4", streamOf(sampleBytes(2 * MEBIBYTE)))
      .catch((reason: unknown) => reason)
    vi.unstubAllEnvs()
    expect(StorageError.is(error, "already-exists")).toBe(true)
    expect((error as Error).message).toContain("read twice")
    expect(await storage.open("film.mp4").text()).toBe("winner")
  })

  it("that another upload in blocks wins leaves the loser of a plain write with `conflict`, and nothing mixed", async () => {
    const [storage, other] = [1, 2].map(() => container().storage({ blockSize: MEBIBYTE, location: "both" }))
    const [mine, theirs] = [sampleBytes(2 * MEBIBYTE, 1), sampleBytes(3 * MEBIBYTE, 2)]
    beforeCommit("both/film.mp4", () => other!.write("film.mp4", streamOf(theirs)))
    const error: unknown = await storage!.write("film.mp4", streamOf(mine)).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: "conflict" })
    expect((error as Error).message).toContain("Write it again")
    expect(Buffer.from(await storage!.open("film.mp4").bytes()).equals(theirs)).toBe(true)
  })

  it("with ifMatch is decided when the blocks are committed", async () => {
    const storage = container().storage({ blockSize: MEBIBYTE, location: "match" })
    const { etag } = await storage.write("film.mp4", "old")
    beforeCommit("match/film.mp4", () => storage.write("film.mp4", "newer"))
    await expect(
      storage.write("film.mp4", streamOf(sampleBytes(2 * MEBIBYTE)), { ifMatch: etag }),
    ).rejects.toMatchObject({ code: "precondition-failed" })
    expect(await storage.open("film.mp4").text()).toBe("newer")
  })
})
