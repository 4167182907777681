import { BlobClient, BlockBlobClient } from "@azure/storage-blob"
import { afterEach, expect, it, vi } from "vitest"
import { MEBIBYTE, sampleBytes, streamOf } from "../sample-bytes.ts"
import { around, describeOnAzure, TestContainer } from "./support.ts"

afterEach(() => {
  vi.restoreAllMocks()
})

const HEADERS = { metadata: { "owner-id": "Zoë" }, contentLanguage: "de", cacheControl: "no-store" }

describeOnAzure("copying by the service", (container) => {
  it.each([
    ["in one request", 256 * MEBIBYTE],
    ["by blocks, above the limit of one request", MEBIBYTE],
  ])("%s carries bytes, headers, metadata, tags and digest", async (_, copyBlockSize) => {
    const storage = container().storage({ blockSize: MEBIBYTE, copyBlockSize })
    const tagged = container().storage({ location: locationOf(storage), tags: { project: "acme" } })
    const bytes = sampleBytes(2 * MEBIBYTE + 5)
    const source = await tagged.write("a film.mp4", streamOf(bytes), HEADERS)
    const info = await storage.copy("a film.mp4", "copies/ü+&.mp4")
    expect(info).toMatchObject({ ...HEADERS, size: bytes.byteLength, checksum: source.checksum! })
    expect(await storage.stat("copies/ü+&.mp4")).toEqual(info)
    expect(Buffer.from(await storage.open("copies/ü+&.mp4").bytes()).equals(bytes)).toBe(true)
    const copy = container().client.getBlobClient(`${locationOf(storage)}/copies/ü+&.mp4`)
    expect((await copy.getTags()).tags).toEqual({ project: "acme" })
  })

  it("by blocks, cancelled, leaves the old version as it is", async () => {
    const storage = container().storage({ copyBlockSize: MEBIBYTE })
    await storage.write("film.mp4", sampleBytes(4 * MEBIBYTE))
    await storage.write("copy.mp4", "old")
    const controller = new AbortController()
    vi.spyOn(BlockBlobClient.prototype, "stageBlockFromURL").mockImplementationOnce(async () => {
      controller.abort()
      throw new Error("cut")
    })
    const { signal } = controller
    for (const name of ["copy.mp4", "new.mp4"]) {
      await expect(storage.copy("film.mp4", name, { signal })).rejects.toMatchObject({ code: "aborted" })
    }
    expect(await storage.open("copy.mp4").text()).toBe("old")
    expect(await storage.exists("new.mp4")).toBe(false)
  })

  it("by blocks stores nothing of a source that changes meanwhile", async () => {
    const storage = container().storage({ copyBlockSize: MEBIBYTE, location: "changes" })
    await storage.write("film.mp4", sampleBytes(2 * MEBIBYTE))
    around(BlockBlobClient.prototype, "stageBlockFromURL", async (proceed) => {
      const answer = await proceed()
      await container()
        .storage({ location: "changes" })
        .write("film.mp4", sampleBytes(2 * MEBIBYTE, 2))
      return answer
    })
    await expect(storage.copy("film.mp4", "copy.mp4")).rejects.toMatchObject({ code: "conflict" })
    expect(await storage.exists("copy.mp4")).toBe(false)
  })

  it("of the version that was looked at, or none", async () => {
    const storage = container().storage({ location: "version" })
    await storage.write("a.txt", "one")
    around(BlobClient.prototype, "syncCopyFromURL", async (proceed) => {
      await storage.write("a.txt", "two")
      return proceed()
    })
    // Azurite gives the code of a condition on the target, Azure that of one on the source.
    await expect(storage.copy("a.txt", "b.txt")).rejects.toMatchObject({
      code: expect.stringMatching(/^(conflict|precondition-failed)$/),
    })
    expect(await storage.exists("b.txt")).toBe(false)
  })

  it("by blocks, to a name that is taken, is refused when it was asked to create", async () => {
    const storage = container().storage({ copyBlockSize: MEBIBYTE })
    await storage.write("film.mp4", sampleBytes(2 * MEBIBYTE))
    await storage.write("taken.mp4", "theirs")
    await expect(storage.copy("film.mp4", "taken.mp4", { ifAbsent: true })).rejects.toMatchObject({
      code: "already-exists",
    })
    expect(await storage.open("taken.mp4").text()).toBe("theirs")
  })
})

describeOnAzure("copying from another container", (container) => {
  it.each([
    ["in one request", 256 * MEBIBYTE],
    ["by blocks", MEBIBYTE],
  ])("%s goes by the service, authorised by a signed URL", async (_, copyBlockSize) => {
    const other = new TestContainer(container().connection)
    await other.create()
    const [from, to] = [other.storage(), container().storage({ copyBlockSize })]
    const bytes = sampleBytes(2 * MEBIBYTE + 1)
    await from.write("a film.mp4", bytes, HEADERS)
    const place = from.driver.place!("a film.mp4")!
    expect(place.service).toBe(to.driver.place!("x")!.service)
    expect(place.bucket).not.toBe(to.driver.place!("x")!.bucket)
    const info = await to.driver.copyFrom!(place, "copy.mp4", {})
    expect(info).toMatchObject({ ...HEADERS, name: "copy.mp4", size: bytes.byteLength })
    expect(Buffer.from(await to.open("copy.mp4").bytes()).equals(bytes)).toBe(true)
    expect(await to.driver.copyFrom!(from.driver.place!("missing")!, "copy.mp4", {})).toBeUndefined()
    await other.remove()
  })
})

function locationOf(storage: { readonly driver: { readonly target: string } }): string {
  return storage.driver.target.replace(/^azblob:\/\/[^/]+\//, "")
}
