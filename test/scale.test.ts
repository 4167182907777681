import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { BlobBatchClient } from "@azure/storage-blob"
import { compareKeys, type Storage } from "@node-storages/core"
import { LocalStorage } from "@node-storages/local"
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest"
import { describeOnAzure } from "./azure/support.ts"
import { BUCKET, storageOn, useGcsServer } from "./gcs/support.ts"
import { describeOnS3 } from "./s3/support.ts"
import { soak } from "./run/soak.ts"

/** More than two, or ten, full batches of S3's DeleteObjects, which has the largest. */
const MANY = soak(10_001, 2_101)
const DIRECTORIES = 10
const FILES_OF_A_DIRECTORY = soak(10_000, 1_500)
const LISTED = DIRECTORIES * FILES_OF_A_DIRECTORY + 1

async function savesOf(storage: Storage, names: readonly string[]): Promise<void> {
  const left = [...names]
  const worker = async () => {
    for (let name = left.pop(); name !== undefined; name = left.pop()) await storage.write(name, "x")
  }
  await Promise.all(Array.from({ length: 16 }, worker))
}

/** Every tenth name is there: deleting what is missing succeeds as well. */
async function deletesMany(storage: Storage): Promise<void> {
  const names = Array.from({ length: MANY }, (_, index) => `many/${index}.txt`)
  const there = names.filter((_, index) => index % 10 === 0)
  await savesOf(storage, [...there, "many-more.txt"])
  expect(await Array.fromAsync(storage.list("many"))).toHaveLength(there.length)
  await storage.deleteMany(names)
  expect((await Array.fromAsync(storage.list())).map(({ name }) => name)).toEqual(["many-more.txt"])
}

describe("LocalStorage with very many files", () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "node-storages-scale-"))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  it(`lists ${LISTED} of them, each once and in order, from the first on without waiting for the last`, async () => {
    const root = join(folder, "list")
    const expected: string[] = []
    for (let directory = 0; directory <= DIRECTORIES; directory++) {
      await mkdir(join(root, `d${directory}`), { recursive: true })
      const count = directory === DIRECTORIES ? 1 : FILES_OF_A_DIRECTORY
      for (let start = 0; start < count; start += 500) {
        const names = Array.from(
          { length: Math.min(500, count - start) },
          (_, index) => `d${directory}/${start + index}`,
        )
        await Promise.all(names.map((name) => writeFile(join(root, name), "")))
        expected.push(...names)
      }
    }
    const names: string[] = []
    for await (const { name } of new LocalStorage(root).list()) names.push(name)
    expect(names).toHaveLength(LISTED)
    expect(names).toEqual(expected.toSorted(compareKeys))
  })

  it(`deletes ${MANY} names in one call`, async () => {
    await deletesMany(new LocalStorage(join(folder, "delete")))
  })
})

describeOnS3("S3Storage with very many files", (bucket) => {
  it(`deletes ${MANY} names in one call, in batches of 1,000`, async () => {
    const storage = bucket().storage()
    let requests = 0
    storage.client.middlewareStack.add(
      (next, context) => async (args) => {
        if (context.commandName === "DeleteObjectsCommand") requests++
        return next(args)
      },
      { step: "initialize", name: "countBatches" },
    )
    await deletesMany(storage)
    expect(requests).toBe(Math.ceil(MANY / 1000))
  })
})

describeOnAzure("AzureStorage with very many files", (container) => {
  it(`deletes ${MANY} names in one call, in batches of 256`, async () => {
    const batches = vi.spyOn(BlobBatchClient.prototype, "submitBatch")
    await deletesMany(container().storage())
    expect(batches).toHaveBeenCalledTimes(Math.ceil(MANY / 256))
    batches.mockRestore()
  })
})

describe("GCSStorage with very many files", () => {
  const server = useGcsServer()
  it(`deletes ${MANY} names in one call, in batches of 100`, async () => {
    await deletesMany(storageOn(server(), BUCKET))
    expect(server().requests.count("batch")).toBe(Math.ceil(MANY / 100))
    expect(
      server().requests.all.filter(({ operation, batched }) => operation === "objects.delete" && !batched),
    ).toEqual([])
  })
})
