import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { startGcsServer, type GcsServer } from "./gcs-server.ts"
import { rawClient, reasonOf, type RawClient } from "./raw-client.ts"

let server: GcsServer
let client: RawClient

beforeAll(async () => {
  server = await startGcsServer({ buckets: ["objects"] })
  client = rawClient(server, "objects")
})
afterAll(() => server.stop())

describe("an insert", () => {
  test("takes metadata from its JSON part, and the type from the media part only when the JSON has none", async () => {
    const metadata = { name: "meta", cacheControl: "no-cache", contentLanguage: "de", metadata: { a: "ü" } }
    const { json } = await client.insertWith(metadata, "content")
    expect(json).toMatchObject({ ...metadata, contentType: "text/x-part", size: "7", metageneration: "1" })
    const typed = await client.insertWith({ name: "meta", contentType: "a/b" }, "content")
    expect(typed.json).toMatchObject({ contentType: "a/b" })
    expect(Number(typed.json?.generation)).toBeGreaterThan(Number(json?.generation))
    expect(typed.json).not.toHaveProperty("metadata")
  })

  test.each([
    ["an MD5 in its metadata", { md5Hash: "AAAAAAAAAAAAAAAAAAAAAA==" }],
    ["a CRC32C in its metadata", { crc32c: "AAAAAA==" }],
    ["an MD5 that is none", { md5Hash: "0123" }],
    ["custom metadata over 8 KiB", { metadata: { a: "x".repeat(8 * 1024) } }],
    ["custom metadata that is no text", { metadata: { a: 1 } }],
    ["a time that is none", { customTime: "yesterday" }],
    ["an unknown storage class", { storageClass: "FAST" }],
  ])("with %s that is wrong stores nothing", async (_, metadata) => {
    expect(reasonOf(await client.insertWith({ name: "wrong", ...metadata }, "content"))).toBe("400 invalid")
    expect((await client.send("GET", client.object("wrong"))).status).toBe(404)
  })

  test("checks the header x-goog-hash", async () => {
    const path = "/upload/storage/v1/b/objects/o?uploadType=media&name=hash"
    const insert = async (hash: string): Promise<string> =>
      reasonOf(await client.send("POST", path, { body: "123456789", headers: { "x-goog-hash": hash } }))
    expect(await insert("crc32c=4waSgw==,md5=JfnnlDI7RTiF9RgfG2JNCw==")).toBe("200")
    expect(await insert("crc32c=4waSgg==")).toBe("400 invalid")
    expect(await insert("md5=JfnnlDI7RTiF9RgfG2JNCg==")).toBe("400 invalid")
    expect(await insert("sha1=abc")).toBe("400 invalid")
  })

  test.each(["x".repeat(1025), "ü".repeat(513), "a\nb", "a\rb", ".", "..", ".well-known/acme-challenge/x"])(
    "of the name %j is refused",
    async (name) => expect(reasonOf(await client.insert(name, "x"))).toBe("400 invalid"),
  )

  test("needs a name, a known kind of upload and two parts", async () => {
    const path = "/upload/storage/v1/b/objects/o"
    expect(reasonOf(await client.insert("", "x"))).toBe("400 required")
    expect(reasonOf(await client.send("POST", `${path}?name=a`, { body: "x" }))).toBe("400 invalid")
    expect(reasonOf(await client.send("POST", `${path}?uploadType=multipart&name=a`, { body: "x" }))).toBe(
      "400 invalid",
    )
    const headers = { "content-type": "multipart/related; boundary=m" }
    const body = "--m\r\nContent-Type: application/json\r\n\r\n{}\r\n--m--"
    const one = await client.send("POST", `${path}?uploadType=multipart&name=a`, { body, headers })
    expect(reasonOf(one)).toBe("400 invalid")
  })

  test.each(["a/b", "a%2Fb", "a%b", "#?&=+", "ü😀", "a//b/", " ", "x".repeat(1024), "__proto__"])(
    "of the name %j is found under it, and under no other",
    async (name) => {
      await client.insert(name, name)
      expect((await client.send("GET", client.object(name, { alt: "media" }))).text).toBe(name)
      expect((await client.send("GET", client.object(name))).json?.name).toBe(name)
      expect((await client.send("DELETE", client.object(name))).status).toBe(204)
      expect(reasonOf(await client.send("DELETE", client.object(name)))).toBe("404 notFound")
    },
  )
})

describe("a precondition", () => {
  test("holds or refuses, of each kind and for each operation", async () => {
    const { json } = await client.insert("conditions", "x")
    const generation = json?.generation ?? ""
    const holding = [
      { ifGenerationMatch: generation },
      { ifGenerationNotMatch: "1" },
      { ifMetagenerationMatch: "1" },
      { ifMetagenerationNotMatch: "2" },
    ]
    const failing = [
      { ifGenerationMatch: "0" },
      { ifGenerationMatch: "1" },
      { ifGenerationNotMatch: generation },
      { ifMetagenerationMatch: "2" },
      { ifMetagenerationNotMatch: "1" },
    ]
    const path = (conditions: object): string => client.object("conditions", { ...conditions })
    for (const conditions of holding) {
      expect(reasonOf(await client.send("GET", path(conditions)))).toBe("200")
      expect(reasonOf(await client.send("GET", path({ ...conditions, alt: "media" })))).toBe("200")
    }
    for (const conditions of failing) {
      const isNotMatch = Object.keys(conditions)[0]!.endsWith("NotMatch")
      const read = isNotMatch ? "304" : "412 conditionNotMet"
      expect(reasonOf(await client.send("GET", path(conditions)))).toBe(read)
      expect(reasonOf(await client.send("GET", path({ ...conditions, alt: "media" })))).toBe(read)
      const writes = [
        client.insert("conditions", "y", { ...conditions }),
        client.insertWith({ name: "conditions" }, "y", { ...conditions }),
        client.send("PATCH", path(conditions), { body: "{}" }),
        client.send("DELETE", path(conditions)),
      ]
      for (const write of await Promise.all(writes)) expect(reasonOf(write)).toBe("412 conditionNotMet")
    }
    expect((await client.send("GET", client.object("conditions"))).json?.generation).toBe(generation)
    expect(reasonOf(await client.send("GET", path({ ifGenerationMatch: "x" })))).toBe("400 invalid")
    expect(reasonOf(await client.send("GET", path({ generation: "1" })))).toBe("404 notFound")
  })

  test("lets one of 64 writers win that saw the same generation", async () => {
    const { json } = await client.insert("racers", "0")
    const racers = Array.from({ length: 64 }, (_, index) =>
      client.insert("racers", String(index), { ifGenerationMatch: json?.generation ?? "" }),
    )
    const results = (await Promise.all(racers)).map(reasonOf)
    expect(results.filter((result) => result === "200")).toHaveLength(1)
    expect(results.filter((result) => result === "412 conditionNotMet")).toHaveLength(63)
    const winner = results.indexOf("200")
    expect((await client.send("GET", client.object("racers", { alt: "media" }))).text).toBe(String(winner))
  })
})

describe("metadata", () => {
  test("is patched field by field, and replaced as a whole by an update", async () => {
    const before = await client.insertWith({ name: "patched", contentType: "a/b", metadata: { a: "1", b: "2" } }, "x")
    const body = JSON.stringify({ cacheControl: "no-store", contentType: null, metadata: { a: null, c: "3" } })
    const patched = await client.send("PATCH", client.object("patched"), { body })
    expect(patched.json).toMatchObject({ cacheControl: "no-store", metadata: { b: "2", c: "3" }, metageneration: "2" })
    expect(patched.json).not.toHaveProperty("contentType")
    expect(patched.json?.generation).toBe(before.json?.generation)
    expect(patched.json?.["etag"]).not.toBe(before.json?.["etag"])
    const updated = await client.send("PUT", client.object("patched"), { body: '{"contentType":"c/d"}' })
    expect(updated.json).toMatchObject({ contentType: "c/d", metageneration: "3" })
    expect(updated.json).not.toHaveProperty("metadata")
    expect(updated.json).not.toHaveProperty("cacheControl")
  })
})

describe("a rewrite", () => {
  test("goes on with its token, which is good for nothing else, and appears when it is done", async () => {
    const other = await startGcsServer({ buckets: ["from", "into"], rewriteChunk: 4 })
    const raw = rawClient(other, "from")
    await raw.insertWith({ name: "a", contentType: "a/b" }, "0123456789")
    await raw.insert("b", "0123456789")
    const call = (
      source: string,
      parameters: Record<string, string> = {},
      body?: string,
    ): ReturnType<RawClient["send"]> => {
      const query = new URLSearchParams(parameters)
      const path = `/storage/v1/b/from/o/${source}/rewriteTo/b/into/o/copy?${query.toString()}`
      return raw.send("POST", path, body === undefined ? {} : { body })
    }
    const first = await call("a")
    expect(first.json).toMatchObject({ done: false, totalBytesRewritten: "4", objectSize: "10" })
    expect((await raw.send("GET", "/storage/v1/b/into/o/copy")).status).toBe(404)
    const rewriteToken = first.json?.rewriteToken ?? ""
    expect(reasonOf(await call("b", { rewriteToken }))).toBe("400 invalid")
    expect(reasonOf(await call("a", { rewriteToken }, '{"contentType":"other"}'))).toBe("400 invalid")
    const second = await call("a", { rewriteToken })
    const third = await call("a", { rewriteToken: second.json?.rewriteToken ?? "" })
    expect(third.json).toMatchObject({ done: true, resource: { name: "copy", bucket: "into", contentType: "a/b" } })
    expect((await raw.send("GET", "/storage/v1/b/into/o/copy?alt=media")).text).toBe("0123456789")
    expect(reasonOf(await call("a", { ifSourceGenerationMatch: "1" }))).toBe("412 conditionNotMet")
    expect(reasonOf(await call("a", { ifGenerationMatch: "0" }))).toBe("412 conditionNotMet")
    expect(reasonOf(await call("missing"))).toBe("404 notFound")
    expect((await raw.send("DELETE", raw.object("a"))).status).toBe(204)
    expect((await raw.send("GET", "/storage/v1/b/into/o/copy?alt=media")).text).toBe("0123456789")
    await other.stop()
  })
})

describe("a move", () => {
  const move = (from: string, to: string, query = ""): ReturnType<RawClient["send"]> =>
    client.send("POST", `${client.object(from)}/moveTo/o/${encodeURIComponent(to)}?${query}`)

  test("renames in one step, with the metadata, or leaves both as they were", async () => {
    await client.insertWith({ name: "moved/from", contentType: "a/b", metadata: { k: "v" } }, "x")
    await client.insert("moved/other", "y")
    expect(reasonOf(await move("moved/from", "moved/other", "ifGenerationMatch=0"))).toBe("412 conditionNotMet")
    expect(reasonOf(await move("moved/from", "moved/to", "ifSourceGenerationMatch=1"))).toBe("412 conditionNotMet")
    expect(reasonOf(await move("moved/from", "moved/from"))).toBe("400 invalid")
    expect(reasonOf(await move("moved/missing", "moved/to"))).toBe("404 notFound")
    expect((await client.send("GET", client.object("moved/other", { alt: "media" }))).text).toBe("y")
    const { json } = await move("moved/from", "moved/to")
    expect(json).toMatchObject({ name: "moved/to", contentType: "a/b", metadata: { k: "v" } })
    expect((await client.send("GET", client.object("moved/to", { alt: "media" }))).text).toBe("x")
    expect((await client.send("GET", client.object("moved/from"))).status).toBe(404)
  })
})

describe("a composition", () => {
  const compose = (sources: object[], destination: object = {}): ReturnType<RawClient["send"]> =>
    client.send("POST", "/storage/v1/b/objects/o/composed/compose", {
      body: JSON.stringify({ sourceObjects: sources, destination }),
    })

  test("joins at most 32 sources, each with its own generation", async () => {
    const { json } = await client.insert("part", "12345")
    const source = { name: "part", objectPreconditions: { ifGenerationMatch: json?.generation } }
    await client.insert("part2", "6789")
    const answer = await compose([source, { name: "part2" }], { contentType: "a/b", metadata: { k: "v" } })
    expect(answer.json).toMatchObject({
      crc32c: "4waSgw==",
      componentCount: 2,
      contentType: "a/b",
      metadata: { k: "v" },
    })
    expect(answer.json).not.toHaveProperty("md5Hash")
    const again = await compose([{ name: "composed" }, { name: "composed" }])
    expect(again.json).toMatchObject({ componentCount: 4, size: "18" })
    expect(reasonOf(await compose([{ name: "part", objectPreconditions: { ifGenerationMatch: "1" } }]))).toBe(
      "412 conditionNotMet",
    )
    expect(reasonOf(await compose(Array.from({ length: 33 }, () => ({ name: "part" }))))).toBe("400 invalid")
    expect(reasonOf(await compose([]))).toBe("400 required")
    expect(reasonOf(await compose([{ name: "missing" }]))).toBe("404 notFound")
  })
})

test("what the server does not cover it refuses", async () => {
  expect((await client.send("GET", "/storage/v1/b/objects/o?versions=true")).status).toBe(501)
  expect((await client.send("GET", "/storage/v1/b/objects/o?matchGlob=**")).status).toBe(501)
  const headers = { "x-goog-encryption-algorithm": "AES256" }
  expect((await client.send("GET", client.object("a"), { headers })).status).toBe(501)
})
