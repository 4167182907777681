import { ContainerSASPermissions } from "@azure/storage-blob"
import { StorageError } from "@node-storages/core"
import { expect, it } from "vitest"
import { MEBIBYTE, sampleBytes, streamOf } from "../sample-bytes.ts"
import { describeOnAzure } from "./support.ts"

describeOnAzure("what is stored", (container) => {
  it("has the tier, tags and parameters of the options, in one request or in blocks", async () => {
    const storage = container().storage({
      blockSize: MEBIBYTE,
      location: "parameters",
      accessTier: "Cool",
      tags: { project: "acme" },
      objectParameters: (key) => (key.endsWith(".bin") ? { metadata: { kind: "binary" } } : {}),
    })
    await storage.write("small.bin", "x", { metadata: { owner: "7" } })
    await storage.write("large.bin", streamOf(sampleBytes(2 * MEBIBYTE)))
    for (const [name, metadata] of [
      ["small.bin", { kind: "binary", owner: "7" }],
      ["large.bin", { kind: "binary" }],
    ] as const) {
      const blob = container().client.getBlobClient(`parameters/${name}`)
      expect(await blob.getProperties()).toMatchObject({ accessTier: "Cool", metadata })
      expect((await blob.getTags()).tags).toEqual({ project: "acme" })
    }
  })

  it("is not told where it is a directory of a hierarchical namespace", async () => {
    const storage = container().storage({ location: "tree" })
    const directory = container().client.getBlockBlobClient("tree/folder")
    await directory.upload("", 0, { metadata: { hdi_isfolder: "true" } })
    await storage.write("folder/a.txt", "x")
    expect((await Array.fromAsync(storage.list())).map(({ name }) => name)).toEqual(["folder/a.txt"])
    expect(await storage.listdir()).toEqual({ directories: ["folder"], files: [] })
    expect(await storage.exists("folder")).toBe(false)
    await expect(storage.open("folder").bytes()).rejects.toMatchObject({ code: "not-found" })
  })

  it("is deleted with its snapshots, alone and in a batch, and what can't be deleted is told by name", async () => {
    const storage = container().storage({ location: "deletes" })
    for (const name of ["a", "b", "leased", "c"]) await storage.write(name, name)
    for (const name of ["a", "b"]) await container().client.getBlobClient(`deletes/${name}`).createSnapshot()
    await storage.delete("a")
    const lease = container().client.getBlobClient("deletes/leased").getBlobLeaseClient()
    await lease.acquireLease(-1)
    const error: unknown = await storage
      .deleteMany(["b", "leased", "missing", "c", "c", "dot."])
      .catch((reason: unknown) => reason)
    if (!StorageError.is(error, "partial-failure")) throw error
    expect(error.failures?.map(({ name, error: { code } }) => [name, code])).toEqual(
      expect.arrayContaining([
        ["leased", "conflict"],
        ["dot.", "invalid-name"],
      ]),
    )
    expect(error.failures).toHaveLength(2)
    expect(await container().keys("deletes/")).toEqual(["deletes/leased"])
    await lease.releaseLease()
  })

  it("can be saved, copied and deleted with no more than a shared access signature, which signs no URLs", async () => {
    const url = await container().client.generateSasUrl({
      permissions: ContainerSASPermissions.parse("rcwdl"),
      expiresOn: new Date(Date.now() + 600_000),
    })
    const storage = container().storage({
      accountKey: undefined,
      accountName: undefined,
      sasToken: new URL(url).search,
    })
    for (const name of ["a", "b", "c"]) await storage.save(name, name)
    expect((await storage.copy("a", "d")).size).toBe(1)
    await storage.deleteMany(["a", "b", "d"])
    expect((await Array.fromAsync(storage.list())).map(({ name }) => name)).toEqual(["c"])
    await expect(storage.url("c")).rejects.toMatchObject({ code: "unsupported" })
  })

  it("is compressed by the option gzip, told as such, and read as it was", async () => {
    const storage = container().storage({ gzip: true, blockSize: 65_536, location: "gzip" })
    const text = Array.from({ length: 40_000 }, (_, index) => `.c${(index * 7919) % 40_009} { left: ${index}px }`).join(
      "\n",
    )
    for (const content of [text, new Blob([text]).stream()]) {
      const info = await storage.write("a.css", content)
      expect(info).toMatchObject({ contentEncoding: "gzip", decoded: true })
      expect(info.size).toBeLessThan(text.length / 2)
      expect(await storage.stat("a.css")).toEqual(info)
      expect(await storage.open("a.css").text()).toBe(text)
      expect(await storage.open("a.css").slice(100_000, 100_050).text()).toBe(text.slice(100_000, 100_050))
    }
  })

  it("is told by a listing as by stat, with headers, metadata and digest", async () => {
    const storage = container().storage()
    await storage.write("a.txt", "hello", { metadata: { "owner-id": "Zoë" }, cacheControl: "no-store" })
    expect(await Array.fromAsync(storage.list())).toEqual([await storage.stat("a.txt")])
  })
})
