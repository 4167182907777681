import { randomUUID } from "node:crypto"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { accountOptions, describeOnAzure } from "../azure/support.ts"
import { optionsFor } from "../gcs/support.ts"
import { connectionOptions, describeOnS3 } from "../s3/support.ts"
import { startScript } from "./child.ts"
import { makeStorage, type StorageSpec } from "./storage.ts"
import { provided } from "../servers/provided.ts"

const PROCESSES = ["one", "two", "three"]

function racesOn(spec: () => StorageSpec): void {
  it("each get names of their own when they save one name, and every body is kept whole", async () => {
    const scripts = PROCESSES.map((id) =>
      startScript("save-many.ts", { spec: spec(), name: "race/a.txt", id, count: 40 }),
    )
    const saved = (await Promise.all(scripts.map((script) => script.result<[string, string][]>()))).flat()
    expect(saved).toHaveLength(120)
    expect(new Set(saved.map(([name]) => name)).size).toBe(120)
    expect(saved.filter(([name]) => name === "race/a.txt")).toHaveLength(1)
    const storage = makeStorage(spec())
    for (const [name, body] of saved) expect(await storage.open(name).text()).toBe(body)
    expect(await Array.fromAsync(storage.list("race"))).toHaveLength(120)
    await storage.close()
  })

  it("have exactly one winner for each name that all try to create", async () => {
    const names = Array.from({ length: 60 }, (_, index) => `once/${index}.txt`)
    const scripts = PROCESSES.map((id) => startScript("create-once.ts", { spec: spec(), names, id }))
    const won = await Promise.all(scripts.map((script) => script.result<string[]>()))
    expect(won.flat().toSorted()).toEqual(names.toSorted())
    const storage = makeStorage(spec())
    for (const [index, id] of PROCESSES.entries()) {
      for (const name of won[index]!) expect(await storage.open(name).text()).toBe(id)
    }
    await storage.close()
  })
}

describe("three processes on one folder", () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "node-storages-races-"))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))
  racesOn(() => ({ local: folder }))
})

describeOnS3("three processes on one bucket", (bucket) => {
  racesOn(() => ({
    bucket: bucket().name,
    options: {
      ...connectionOptions(bucket().connection),
      forcePathStyle: true,
      conditionalCreate: "put",
      location: "races",
    },
  }))
})

describeOnAzure("three processes on one container", (container) => {
  racesOn(() => ({
    container: container().name,
    options: { ...accountOptions(container().connection), location: "races" },
  }))
})

describe("three processes on one bucket of Cloud Storage", () => {
  const { buckets, ...connection } = provided("gcs")
  const location = `races-${randomUUID()}`
  racesOn(() => ({ googleBucket: buckets[0]!, options: { ...optionsFor(connection), location } }))
})
