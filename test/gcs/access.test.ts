import { gzipSync } from "node:zlib"
import { GCSStorage, type GCSStorageOptions } from "@node-storages/gcs"
import { beforeAll, describe, expect, it } from "vitest"
import { failureOf } from "../failure.ts"
import { BUCKET, storageOn, useGcsServer } from "./support.ts"

const server = useGcsServer()
const storage = (options: GCSStorageOptions = {}, bucket = BUCKET) => storageOn(server(), bucket, options)

describe("an access list", () => {
  it("that is public makes the URLs public, and readable by anybody", async () => {
    const gcs = storage({ predefinedAcl: "publicRead", location: "public" })
    const name = await gcs.save("a b.css", "body{}")
    expect(await gcs.url(name)).toBe(`${server().endpoint}/${BUCKET}/public/a%20b.css`)
    const response = await fetch(gcs.publicUrl(name))
    expect([response.status, response.headers.get("content-type")]).toEqual([200, "text/css"])
    await gcs.copy(name, "copy.css")
    expect((await fetch(gcs.publicUrl("copy.css"))).status).toBe(200)
    const privately = storage({ location: "public" })
    await privately.write("secret.txt", "x")
    expect((await fetch(gcs.publicUrl("secret.txt"))).status).toBe(403)
  })

  it("is refused by a bucket with uniform access, in words that tell what to change", async () => {
    server().createBucket("uniform-bucket", { uniformBucketLevelAccess: true })
    const error = await failureOf(storage({ predefinedAcl: "publicRead" }, "uniform-bucket").save("a.txt", "x"))
    expect(error.code).toBe("invalid-option")
    expect(error.message).toContain("uniform bucket-level access")
    await storage({}, "uniform-bucket").save("a.txt", "x")
  })
})

describe("a bucket where the requester pays", () => {
  beforeAll(() => server().createBucket("paying-bucket", { requesterPays: true }))

  it("asks who pays, and takes the option's project in every request", async () => {
    const error = await failureOf(storage({}, "paying-bucket").write("a.txt", "x"))
    expect(error.code).toBe("invalid-option")
    const gcs = storage({ userProject: "who-pays", chunkSize: 256 * 1024 }, "paying-bucket")
    await gcs.write("a.txt", "x")
    await gcs.write("long.bin", new Uint8Array(600_000))
    await gcs.copy("a.txt", "b.txt")
    await gcs.move("b.txt", "c.txt")
    expect(await gcs.open("c.txt").text()).toBe("x")
    expect((await fetch(await gcs.url("c.txt"))).status).toBe(200)
    await gcs.deleteMany(["a.txt", "c.txt", "long.bin"])
    expect(await Array.fromAsync(gcs.list())).toEqual([])
  })
})

describe("an emulator that asks for no credentials", () => {
  it("is used without any, also without looking for some", async () => {
    const gcs = new GCSStorage(BUCKET, { apiEndpoint: server().endpoint })
    const error = await failureOf(gcs.stat("a.txt"))
    expect(error.code).toBe("unauthenticated")
    expect(server().requests.count("objects.get")).toBe(1)
  })
})

describe("text that the storage compresses", () => {
  it("is stored as gzip, read decompressed, also in part, and served decoded", async () => {
    const gcs = storage({ gzip: true, location: "gzip" })
    const css = "a { color: red }\n".repeat(1000)
    const info = await gcs.write("a.css", css)
    expect(info).toMatchObject({ contentEncoding: "gzip", size: gzipSync(css).byteLength })
    expect(await gcs.open("a.css").text()).toBe(css)
    expect(await gcs.open("a.css").slice(17, 33).text()).toBe("a { color: red }")
    expect(await (await fetch(await gcs.url("a.css"))).text()).toBe(css)
    const plainly = storage({ location: "gzip" })
    expect(Buffer.from(await plainly.open("a.css").bytes()).equals(gzipSync(css))).toBe(true)
    await gcs.write("a.png", css)
    expect((await gcs.stat("a.png")).contentEncoding).toBeUndefined()
  })
})

describe("deleting many", () => {
  it("takes one request for a hundred names, and tells those that failed", async () => {
    const gcs = storage({ location: "many" })
    const names = Array.from({ length: 250 }, (_, index) => `${index}.txt`)
    await Promise.all(names.slice(0, 20).map((name) => gcs.write(name, "x")))
    server().requests.reset()
    await gcs.deleteMany(names)
    expect(server().requests.all.filter(({ batched }) => !batched)).toHaveLength(3)
    expect(await Array.fromAsync(gcs.list())).toEqual([])

    await gcs.client.bucket(BUCKET).file("many/held.txt").save("x", { resumable: false })
    server().faults.add({ operation: "objects.delete", status: 403, times: 1 })
    const error = await failureOf(gcs.deleteMany(["held.txt"]))
    expect(error.code).toBe("partial-failure")
    expect(error.failures).toMatchObject([{ name: "held.txt", error: { code: "permission-denied" } }])
  })

  it("tries once more, alone, what the service could not do for the moment", async () => {
    const gcs = storage()
    await Promise.all(["a", "b", "c"].map((name) => gcs.write(name, "x")))
    server().faults.add({ operation: "objects.delete", status: 503, times: 2 })
    await gcs.deleteMany(["a", "b", "c"])
    expect(await Array.fromAsync(gcs.list())).toEqual([])
  })
})
